# Processor times inside one R process: Rscript nested_models.R FOLDER LARGEST
# FOLDER has <design>_<people>.csv; Kenward-Roger up to LARGEST people, as pbkrtest's time grows with
# the cube of the rows. Prints: design <tab> people <tab> method <tab> median processor seconds <tab> package.
args <- commandArgs(TRUE)
suppressMessages({library(lmerTest); library(pbkrtest)})
formulas <- list(
  nested = pain ~ arm * week + (1 | site / id),
  crossed = pain ~ arm * week + (1 | therapist) + (1 | id),
  knees = pain ~ arm * week + (1 | id / knee))
median_time <- function(run) {
  run()
  times <- c()
  while (length(times) < 3 || (sum(times) < 1 && length(times) < 20))
    times <- c(times, sum(system.time(run(), gcFirst = FALSE)[c("user.self", "sys.self")]))
  median(times)
}
say <- function(...) cat(..., sep = "\t", fill = 1000)
version <- paste("lmerTest", packageVersion("lmerTest"))
for (file in list.files(args[1], pattern = "_[0-9]+\\.csv$")) {
  parts <- strsplit(sub("\\.csv$", "", file), "_")[[1]]
  trial <- read.csv(file.path(args[1], file), stringsAsFactors = TRUE)
  trial$arm <- factor(trial$arm, levels = c("forward", "backward"))
  trial$id <- factor(trial$id)
  for (method in c("Satterthwaite", "Kenward-Roger")) {
    if (method == "Kenward-Roger" && as.integer(parts[2]) > as.integer(args[2])) next
    seconds <- median_time(function() suppressMessages(suppressWarnings(
      coef(summary(lmer(formulas[[parts[1]]], trial), ddf = method)))))
    say(parts[1], parts[2], method, seconds, version)
  }
}
