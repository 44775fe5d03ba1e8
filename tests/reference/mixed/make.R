# Writes values.json: Rscript make.R values.json
suppressMessages({library(lmerTest); library(pbkrtest); library(emmeans); library(nlme); library(jsonlite)})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
read <- function(name) {
  d <- read.csv(file.path(here, "..", "..", "..", "data", "example_mixed", name))
  d$arm <- factor(d$arm, levels = c("forward", "backward"))
  d$visit <- factor(d$visit, levels = c("W02", "W04", "W08", "W12"))
  d$at <- as.integer(d$visit)
  d <- d[!is.na(d$pain), ]
  # Case weights that anyone can make again: they follow the row number.
  d$w <- 0.5 + (seq_len(nrow(d)) %% 7) / 4
  d
}
trial <- read("trial_n200.csv")
large <- read("trial_n2000.csv")
first <- function(d, n) d[d$id %in% sort(unique(d$id))[seq_len(n)], ]
small <- first(trial, 40)
# Fourteen participants for whom lme4 estimates no variance of slopes beyond the correlation.
boundary <- large[large$id %in% sort(unique(large$id))[197:210], ]

gls_line <- function(data, correlation, weights, method) {
  fit <- gls(pain ~ base + arm * visit, data, correlation = correlation, weights = weights,
             method = method, control = glsControl(tolerance = 1e-12, msTol = 1e-14, msMaxIter = 500,
                                                   maxIter = 500, apVar = FALSE))
  # gls divides the ML variance of the coefficients by N - p unless told otherwise.
  se <- sqrt(diag(vcov(fit)))
  if (method == "ML") se <- se * sqrt((nrow(data) - length(coef(fit))) / nrow(data))
  list(loglik = as.numeric(logLik(fit)), terms = names(coef(fit)), estimate = unname(coef(fit)),
       std_error = unname(se))
}
by_visit <- varIdent(form = ~ 1 | visit)
structures <- list(
  us = list(corSymm(form = ~ at | id), by_visit),
  cs = list(corCompSymm(form = ~ 1 | id), NULL),
  csh = list(corCompSymm(form = ~ 1 | id), by_visit),
  ar1 = list(corAR1(form = ~ at | id), NULL),
  ar1h = list(corAR1(form = ~ at | id), by_visit),
  sp_exp = list(corCAR1(form = ~ week | id), NULL))
visits <- list()
for (name in names(structures)) for (method in c("REML", "ML")) {
  s <- structures[[name]]
  visits[[paste0(name, "_", tolower(method))]] <- gls_line(trial, s[[1]], s[[2]], method)
}

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5),
                     check.conv.singular = "ignore", check.conv.grad = "ignore")
one <- function(fit, kr = TRUE) {
  s <- coef(summary(fit))
  g <- as.data.frame(VarCorr(fit))
  out <- list(loglik = as.numeric(logLik(fit)), aic = AIC(fit), bic = BIC(fit), singular = isSingular(fit),
              terms = rownames(s), estimate = unname(s[, 1]), std_error = unname(s[, 2]),
              df = unname(s[, 3]), sigma2 = sigma(fit)^2,
              variance = g$vcov[is.na(g$var2) & g$grp != "Residual"],
              covariance = g$vcov[!is.na(g$var2)])
  a <- as.data.frame(anova(fit, type = 3, ddf = "Satterthwaite"))
  out$anova <- list(term = rownames(a), df_num = a$NumDF, df_den = a$DenDF, statistic = a$`F value`)
  if (kr) {
    k <- coef(summary(fit, ddf = "Kenward-Roger"))
    a <- as.data.frame(anova(fit, type = 3, ddf = "Kenward-Roger"))
    out$kenward_roger <- list(std_error = unname(k[, 2]), df = unname(k[, 3]),
      anova = list(df_num = a$NumDF, df_den = a$DenDF, statistic = a$`F value`))
  }
  out
}
fit_of <- function(formula, data, reml = TRUE, ...) one(lmer(formula, data, REML = reml, control = tight, ...), reml)
effects <- list(
  intercept = fit_of(pain ~ base + arm * visit + (1 | id), trial),
  intercept_ml = fit_of(pain ~ base + arm * visit + (1 | id), trial, FALSE),
  slope = fit_of(pain ~ base + arm * week + (week | id), trial),
  slope_ml = fit_of(pain ~ base + arm * week + (week | id), trial, FALSE),
  slope_small = fit_of(pain ~ base + arm * week + (week | id), small),
  slope_uncorrelated = fit_of(pain ~ base + arm * week + (week || id), trial),
  slope_uncorrelated_small = fit_of(pain ~ base + arm * week + (week || id), small))
effects$slope_boundary <- fit_of(pain ~ base + arm * week + (week | id), boundary)
effects$slope_uncorrelated_boundary <- fit_of(pain ~ base + arm * week + (week || id), boundary)
weighted <- lmer(pain ~ base + arm * visit + (1 | id), trial, weights = w, control = tight)
effects$intercept_weighted <- one(weighted, FALSE)
big <- lmer(pain ~ base + arm * week + (week | id), large, control = tight)
effects$slope_large <- list(loglik = as.numeric(logLik(big)), terms = names(fixef(big)),
                            estimate = unname(fixef(big)), std_error = unname(sqrt(diag(as.matrix(vcov(big))))))

intercept <- lmer(pain ~ base + arm * visit + (1 | id), trial, control = tight)
means <- function(mode) {
  e <- emmeans(intercept, ~ arm | visit, lmer.df = mode)
  m <- as.data.frame(e)
  p <- as.data.frame(pairs(e, reverse = TRUE))
  list(arm = as.character(m$arm), visit = as.character(m$visit), estimate = m$emmean, std_error = m$SE,
       df = m$df, contrast = list(visit = as.character(p$visit), estimate = p$estimate,
                                  std_error = p$SE, df = p$df))
}
marginal <- list(satterthwaite = means("satterthwaite"), kenward_roger = means("kenward-roger"))

blup <- ranef(intercept, condVar = TRUE)$id
random <- list(id = rownames(blup)[1:10], estimate = blup[1:10, 1],
               std_error = sqrt(attr(blup, "postVar")[1, 1, 1:10]))

versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "emmeans", "nlme"), function(p) paste(p, packageVersion(p)))
source <- list(program = "R", version = as.character(getRversion()), package = paste(versions, collapse = ", "),
               call = "gls, lmer, emmeans; see make.R", levels = "arm forward, backward; visit W02, W04, W08, W12",
               data = "data/example_mixed; weights w = 0.5 + (row number mod 7) / 4 over rows with pain")
write_json(list(source = source, visits = visits, effects = effects, marginal = marginal, random = random),
           commandArgs(TRUE)[1], auto_unbox = TRUE, digits = I(15), pretty = TRUE)
