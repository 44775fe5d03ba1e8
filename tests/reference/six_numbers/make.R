# Writes values.json: Rscript make.R values.json
suppressMessages(library(lmerTest))
library(jsonlite)

# n pairs with exactly these means, SDs and correlation.
pairs_of <- function(n, mean_pre, sd_pre, mean_post, sd_post, correlation) {
  z <- scale(matrix(rnorm(2 * n), n))
  z <- z %*% solve(chol(cov(z)))
  z <- z %*% chol(matrix(c(1, correlation, correlation, 1), 2))
  cbind(pre = mean_pre + sd_pre * z[, 1], post = mean_post + sd_post * z[, 2])
}

cases <- list(
  list(n = c(20, 24), mean_pre = c(6.0, 6.4), sd_pre = c(1.5, 1.4), mean_post = c(3.0, 4.1),
       sd_post = c(1.6, 1.5), correlation = c(0.5, 0.4)),
  list(n = c(23, 22), mean_pre = c(52.9, 53.8), sd_pre = c(4.1, 3.9), mean_post = c(48.1, 51.6),
       sd_post = c(3.4, 3.6), correlation = c(0.8, 0.7)),
  list(n = c(10, 12), mean_pre = c(5, 6), sd_pre = c(1.5, 1.2), mean_post = c(3, 5),
       sd_post = c(1.6, 1.1), correlation = c(-0.3, -0.2)),
  list(n = c(15, 18, 16), mean_pre = c(5, 6, 5.5), sd_pre = c(1.5, 1.2, 1.3),
       mean_post = c(3, 5, 4), sd_post = c(1.6, 1.1, 1.2), correlation = c(0.6, 0.5, 0.7))
)
set.seed(7)
out <- lapply(cases, function(case) {
  raw <- do.call(rbind, lapply(seq_along(case$n), function(g) {
    m <- do.call(pairs_of, lapply(case, `[`, g))
    data.frame(arm = g, pre = m[, "pre"], post = m[, "post"])
  }))
  raw$id <- factor(seq_len(nrow(raw)))
  # Arm 2 is the reference, so the coefficient of arm 1 is arm 1 minus arm 2.
  raw$arm <- relevel(factor(raw$arm), ref = "2")
  line <- function(fit, term) {
    s <- coef(summary(fit))[term, ]
    ci <- confint(fit)[term, ]
    list(estimate = s[[1]], std_error = s[[2]], df = fit$df.residual, statistic = s[[3]],
         p_value = s[[4]], conf_low = ci[[1]], conf_high = ci[[2]])
  }
  long <- rbind(data.frame(raw[c("arm", "id")], visit = "0", y = raw$pre),
                data.frame(raw[c("arm", "id")], visit = "1", y = raw$post))
  tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12),
                       check.conv.singular = "ignore")
  mixed <- suppressMessages(lmer(y ~ arm * visit + (1 | id), long, REML = TRUE, control = tight))
  s <- coef(summary(mixed))["arm1:visit1", ]
  list(input = case,
       ancova = line(lm(post ~ arm + pre, raw), "arm1"),
       change = line(lm(I(post - pre) ~ arm, raw), "arm1"),
       mixed = list(estimate = s[[1]], std_error = s[[2]], df = s[[3]], statistic = s[[4]],
                    p_value = s[[5]], participant_variance = as.numeric(VarCorr(mixed)$id),
                    residual_variance = sigma(mixed)^2, singular = isSingular(mixed)))
})
source <- list(program = "R", version = as.character(getRversion()),
               package = paste("lmerTest", packageVersion("lmerTest"), "lme4", packageVersion("lme4")),
               call = "lm(post ~ arm + pre), lm(change ~ arm), lmer(y ~ arm * visit + (1 | id)); see make.R",
               levels = "arm 1 minus arm 2, visit 1 minus visit 0")
write_json(list(source = source, cases = out), commandArgs(TRUE)[1], auto_unbox = TRUE,
           digits = I(17), pretty = TRUE)
