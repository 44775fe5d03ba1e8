# Writes values.json: Rscript make.R values.json
library(metafor)
library(jsonlite)
options(digits = 17)
control <- list(threshold = 1e-14, maxiter = 10000, tol = 1e-13)

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
sets <- list(bcg = list(yi = as.numeric(bcg$yi), vi = as.numeric(bcg$vi)))
set.seed(20240501)
for (i in 1:3) {
  k <- c(4, 9, 25)[i]
  vi <- runif(k, 0.02, 0.4)
  sets[[paste0("random", i)]] <- list(yi = rnorm(k, -0.5, sqrt(vi + c(0.5, 0.1, 0.3)[i])), vi = vi)
}
sets$alike <- list(yi = c(0.10, 0.14, 0.05, 0.12, 0.20), vi = c(0.20, 0.15, 0.30, 0.10, 0.25))
sets$null_interval <- list(yi = c(0.10, 0.11, 0.105, 0.102), vi = rep(0.2, 4))
sets$two <- list(yi = c(0, 3), vi = c(1, 2))

numbers <- function(fit) {
  list(tau2 = fit$tau2, estimate = as.numeric(fit$beta), std_error = fit$se,
       statistic = fit$zval, p_value = fit$pval, conf_low = fit$ci.lb, conf_high = fit$ci.ub,
       weight = as.numeric(weights(fit)))
}

out <- lapply(sets, function(d) {
  fit <- function(method, test) {
    numbers(rma(d$yi, d$vi, method = method, test = test, control = control))
  }
  common <- rma(d$yi, d$vi, method = "EE")
  wald <- rma(d$yi, d$vi, method = "REML", control = control)
  # metafor looks no further than tau2 = 100 unless told to.
  profile <- confint(wald, level = 95,
                     control = list(tol = 1e-13, maxiter = 10000, tau2.max = 1e5))
  # Higgins, Thompson and Spiegelhalter: t with k - 2 df and the SE of the normal interval.
  k <- length(d$yi)
  half <- if (k > 2) qt(0.975, k - 2) * sqrt(wald$tau2 + wald$se^2) else NA
  list(input = d, common = numbers(common),
       dl_z = fit("DL", "z"), pm_z = fit("PM", "z"), reml_z = fit("REML", "z"),
       dl_hksj = fit("DL", "knha"), pm_hksj = fit("PM", "knha"), reml_hksj = fit("REML", "knha"),
       q = common$QE, q_p = common$QEp,
       tau2_low = profile$random[1, 2], tau2_high = profile$random[1, 3],
       pi_low = as.numeric(wald$beta) - half, pi_high = as.numeric(wald$beta) + half)
})

source <- list(program = "R", version = as.character(getRversion()),
               package = paste("metafor", packageVersion("metafor")),
               call = "rma(yi, vi, method =, test =); confint(); see make.R",
               bcg = "metadat::dat.bcg, log risk ratios by escalc (Colditz et al. 1994, JAMA 271:698)")
write_json(list(source = source, sets = out), commandArgs(TRUE)[1], auto_unbox = TRUE,
           digits = I(17), na = "null", pretty = TRUE)
