# Rubin's rules and imputation by "norm": R's mice.
# Rscript make.R values.json
suppressMessages(library(mice))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
target <- commandArgs(TRUE)[1]

scalar <- function(q, u, df) {
  found <- pool.scalar(q, u, n = df, k = 0)
  list(estimates = q, variances = u, df_complete = if (is.finite(df)) df else "inf",
       estimate = found$qbar, within = found$ubar, between = found$b, total = found$t,
       df = found$df, relative_increase = found$r, fraction_missing = found$fmi)
}

set.seed(1)
scalars <- list(
  scalar(c(1.0, 1.4, 1.2), c(0.25, 0.25, 0.25), 20),
  scalar(c(-2.1, -1.3, -0.4, -3.0, -1.9), c(0.31, 0.4, 0.28, 0.35, 0.33), 57),
  scalar(c(-2.1, -1.3, -0.4, -3.0, -1.9), c(0.31, 0.4, 0.28, 0.35, 0.33), Inf),
  scalar(round(rnorm(50, 10, 2), 6), round(runif(50, 3, 4), 6), 12.5),
  scalar(round(rnorm(20, 0, 1e-3), 8), round(runif(20, 3e-6, 4e-6), 10), 1000)
)

# pool() of a regression on mice's own imputed data.
few <- mice(nhanes, m = 7, method = "norm", seed = 3, printFlag = FALSE)
fits <- with(few, lm(chl ~ age + bmi))
each <- fits$analyses
table <- pool(fits)$pooled
pooled <- list(
  estimates = unname(t(sapply(each, coef))),
  variances = unname(t(sapply(each, function(one) diag(vcov(one))))),
  df_complete = df.residual(each[[1]]),
  estimate = table$estimate, within = table$ubar, between = table$b, total = table$t,
  df = table$df, relative_increase = table$riv, share = table$lambda,
  fraction_missing = table$fmi
)

# The trial of the other topic, one row a participant; a general pattern.
d <- read.csv(file.path(here, "..", "reference_based", "events.csv"))
wide <- reshape(d[, c("participant", "visit", "arm", "sex", "baseline", "value")],
                idvar = c("participant", "arm", "sex", "baseline"), timevar = "visit",
                direction = "wide")
wide$backward <- as.numeric(wide$arm == "backward")
wide$male <- as.numeric(wide$sex == "m")
use <- wide[, c("backward", "male", "baseline", "value.V1", "value.V2", "value.V3")]
many <- mice(use, m = 200, maxit = 10, method = "norm", seed = 5, printFlag = FALSE)
found <- pool(with(many, lm(value.V3 ~ backward + baseline + male)))$pooled
at <- which(found$term == "backward")
trial <- list(imputations = 200, estimate = found$estimate[at], std_error = sqrt(found$t[at]),
  between = found$b[at], df = found$df[at], fraction_missing = found$fmi[at])

jsonlite::write_json(
  list(source = paste("mice", packageVersion("mice"), "pool.scalar, pool, mice(method = 'norm')"),
       scalar = scalars, pool = pooled, trial = trial),
  target, digits = NA, auto_unbox = TRUE, pretty = TRUE)
