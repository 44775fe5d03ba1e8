# Reference-based imputation by conditional means with the jackknife: R's rbmi.
# Rscript make.R values.json
library(rbmi)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
target <- commandArgs(TRUE)[1]

read <- function(name, outcome) {
  d <- read.csv(file.path(here, name))
  d$participant <- factor(sprintf("%03d", d$participant))
  d$visit <- factor(d$visit)
  # The reference arm is the first level, so that rbmi's "trt" is arm - reference.
  d$arm <- factor(d$arm, levels = rev(levels(factor(d$arm))))
  d$value <- d[[outcome]]
  d
}

pooled <- function(d, events, strategies, covariates, adjusted, visits, refit) {
  vars <- set_vars(outcome = "value", visit = "visit", subjid = "participant", group = "arm",
                   covariates = covariates)
  analysis <- set_vars(outcome = "value", visit = "visit", subjid = "participant", group = "arm",
                       covariates = adjusted)
  base <- levels(d$arm)[1]
  references <- setNames(rep(base, 2), levels(d$arm))
  out <- list()
  fitted <- NULL
  for (strategy in strategies) {
    ice <- cbind(events, strategy = rep(toupper(strategy), nrow(events)))
    if (refit || is.null(fitted)) {
      fitted <- draws(d, ice, vars, method_condmean(type = "jackknife"), quiet = TRUE)
    }
    filled <- impute(fitted, references, update_strategy = if (refit) NULL else ice)
    found <- pool(analyse(filled, ancova, vars = analysis))$pars
    for (visit in visits) {
      one <- found[[paste0("trt_", visit)]]
      out[[strategy]][[visit]] <- list(estimate = one$est, std_error = one$se,
        conf_low = one$ci[1], conf_high = one$ci[2], p_value = one$pvalue)
    }
  }
  out
}

drug <- read("antidepressant.csv", "change")
levels(drug$arm) # placebo, drug
drug <- expand_locf(drug, participant = levels(drug$participant), visit = levels(drug$visit),
                    vars = c("baseline", "arm"), group = "participant",
                    order = c("participant", "visit"))
# The first visit after the last observed one; gaps before it are missing at random.
dropout <- function(d) {
  parts <- lapply(split(d, d$participant), function(one) {
    seen <- which(!is.na(one$value))
    last <- if (length(seen)) max(seen) else 0
    if (last < nrow(one)) one[last + 1, c("participant", "visit")]
  })
  do.call(rbind, parts)
}
all5 <- c("mar", "jr", "cr", "cir", "lmcf")
values <- list(source = paste("rbmi", packageVersion("rbmi"), "method_condmean(jackknife)"))
values$antidepressant <- pooled(drug, dropout(drug), all5,
  c("baseline*visit", "arm*visit"), "baseline", c("5", "6", "7"), refit = FALSE)

walk <- read("events.csv", "value")
walk <- walk[order(walk$participant, walk$visit), ]
marked <- walk[walk$event == 1, ]
marked <- marked[!duplicated(marked$participant), c("participant", "visit")]
# Observed values after the event enter the fit under "mar" alone, so each strategy is fitted anew.
values$events <- pooled(walk, marked, all5[1:4], c("baseline*visit", "arm*visit", "sex"),
  c("baseline", "sex"), c("V2", "V3"), refit = TRUE)
jsonlite::write_json(values, target, digits = 12, auto_unbox = TRUE, pretty = TRUE)
