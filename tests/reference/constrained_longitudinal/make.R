# The constrained longitudinal model by generalised least squares: R's nlme.
# Rscript make.R values.json
library(nlme)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
target <- commandArgs(TRUE)[1]
d <- read.csv(file.path(here, "..", "reference_based", "events.csv"))
before <- d[!duplicated(d$participant), ]
before$visit <- "V0"
before$value <- before$baseline
d <- rbind(d, before)
d <- d[!is.na(d$value), ]
d <- d[order(d$participant, d$visit), ]
d$visit <- factor(d$visit)
d$at <- as.integer(d$visit)
for (v in 1:3) d[[paste0("e", v)]] <- as.numeric(d$arm == "backward" & d$visit == paste0("V", v))
control <- glsControl(tolerance = 1e-11, msTol = 1e-13, maxIter = 500, msMaxIter = 500)
one <- function(method) {
  fit <- gls(value ~ visit + e1 + e2 + e3, d, correlation = corSymm(form = ~ at | participant),
             weights = varIdent(form = ~ 1 | visit), method = method, control = control)
  # ML errors without gls's factor sqrt(N / (N - p)).
  shrink <- if (method == "ML") sqrt((fit$dims$N - fit$dims$p) / fit$dims$N) else 1
  use <- paste0("e", 1:3)
  list(estimate = unname(coef(fit)[use]), std_error = unname(sqrt(diag(vcov(fit)))[use] * shrink),
       mean = unname(coef(fit)["(Intercept)"]), loglik = as.numeric(logLik(fit)))
}
values <- list(source = paste("nlme", packageVersion("nlme"), "gls(corSymm, varIdent)"),
               reml = one("REML"), ml = one("ML"))
jsonlite::write_json(values, target, digits = NA, auto_unbox = TRUE, pretty = TRUE)
