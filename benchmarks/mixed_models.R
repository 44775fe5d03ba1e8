# Times inside one R process: Rscript mixed_models.R FOLDER_WITH_CSV_FILES
# Prints: name <tab> median seconds <tab> package. A package that is missing is left out.
folder <- commandArgs(TRUE)[1]
has <- function(p) suppressWarnings(suppressMessages(requireNamespace(p, quietly = TRUE)))
read <- function(name) {
  path <- file.path(folder, name)
  if (file.exists(path)) read.csv(path, stringsAsFactors = TRUE) else NULL
}
median_time <- function(run, times) {
  run()
  median(sapply(seq_len(times), function(i) system.time(run(), gcFirst = FALSE)[["elapsed"]]))
}
say <- function(name, seconds, package)
  cat(name, seconds, paste(package, packageVersion(package)), sep = "\t", fill = TRUE)

fev <- read("fev_data.csv"); large <- read("trial_n2000.csv"); bcva <- read("bcva_data.csv")
sleep <- read("sleepstudy.csv")
if (has("mmrm")) {
  library(mmrm)
  if (!is.null(fev)) say("fev", median_time(function() summary(mmrm(
    FEV1 ~ RACE + SEX + ARMCD * AVISIT + us(AVISIT | USUBJID), fev)), 10), "mmrm")
  if (!is.null(large)) say("large", median_time(function() summary(mmrm(
    pain ~ base * visit + arm * visit + us(visit | id), large)), 3), "mmrm")
  if (!is.null(bcva)) say("bcva", median_time(function() summary(mmrm(
    BCVA_CHG ~ BCVA_BL + RACE + ARMCD * AVISIT + us(AVISIT | USUBJID), bcva)), 1), "mmrm")
}
if (has("lmerTest") && has("pbkrtest") && !is.null(sleep)) {
  suppressMessages(library(lmerTest))
  sleep$Subject <- factor(sleep$Subject)
  say("sleep", median_time(function() coef(summary(
    lmer(Reaction ~ Days + (Days | Subject), sleep), ddf = "Kenward-Roger")), 10), "lmerTest")
}
