# Designs and fits of formulas: R's model.matrix, lm, predict, splines::ns, emmeans, car.
# Rscript make.R values.json [cases.json folder-of-the-data]
suppressMessages({library(jsonlite); library(splines); library(emmeans); library(car)})
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
target <- commandArgs(TRUE)[1]
asked <- if (length(commandArgs(TRUE)) > 1) commandArgs(TRUE)[2] else file.path(here, "cases.json")

levels_of <- list(a = c("p", "q", "r"), b = c("u", "v"), c = c("c1", "c2", "c3", "c4"),
                  arm = c("usual", "backward"), visit = c("W2", "W12"))
read <- function(name) {
  d <- read.csv(file.path(here, paste0(name, ".csv")))
  for (k in intersect(names(d), names(levels_of))) d[[k]] <- factor(d[[k]], levels_of[[k]])
  d
}
data <- lapply(c(complete = "complete", missing_cell = "missing_cell", levels = "levels"), read)

design <- function(case) {
  d <- data[[case$data]]
  f <- as.formula(case$formula)
  x <- model.matrix(f, d)
  list(names = I(as.character(colnames(x))), determined = I(as.character(names(which(is.na(coef(lm(f, d))))))),
       terms = I(attr(terms(f), "term.labels")), intercept = attr(terms(f), "intercept"),
       x = I(lapply(seq_len(ncol(x)), function(k) I(unname(x[, k])))))
}
cases <- fromJSON(asked, simplifyDataFrame = FALSE)
out <- list(source = list(program = R.version.string, splines = as.character(packageVersion("splines")),
                          emmeans = as.character(packageVersion("emmeans")),
                          car = as.character(packageVersion("car")),
                          call = "model.matrix(formula, data); lm; predict; emmeans; Anova(type = 3)",
                          levels = levels_of),
            designs = setNames(lapply(cases, design),
                               sapply(cases, function(k) paste(k$data, k$formula, sep = ": "))))

new <- data.frame(a = factor(c("p", "q", "r", "q"), levels_of$a), b = factor(c("u", "v", "v", "u"), levels_of$b),
                  x = c(31.5, 50, 64.2, 90), week = c(2, 5, 12, 30), t = c(1, 2.5, 4, 11))
fit <- function(formula) {
  m <- lm(as.formula(formula), data$complete)
  k <- summary(m)$coefficients
  p <- predict(m, new, interval = "confidence")
  e <- as.data.frame(summary(emmeans(m, "a"), infer = TRUE))
  list(coefficients = list(term = I(rownames(k)), estimate = unname(k[, 1]), std_error = unname(k[, 2])),
                rss = deviance(m), fitted = unname(fitted(m))[1:6],
                predict = list(estimate = unname(p[, 1]), conf_low = unname(p[, 2]), conf_high = unname(p[, 3])),
                means = list(estimate = e$emmean, std_error = e$SE, statistic = e$t.ratio, p_value = e$p.value))
}
sums <- function(formula) {
  s <- lm(as.formula(formula), data$complete, contrasts = list(a = "contr.sum", b = "contr.sum"))
  k <- Anova(s, type = 3)
  k <- k[!rownames(k) %in% c("(Intercept)", "Residuals"), ]
  list(term = I(rownames(k)), df_num = I(k$Df), statistic = I(k$`F value`), p_value = I(k$`Pr(>F)`))
}
joint <- function(m) {
  k <- as.data.frame(joint_tests(m))
  list(term = I(k$`model term`), df_num = I(k$df1), statistic = I(k$F.ratio), p_value = I(k$p.value))
}
without <- function(less, formula) {
  k <- anova(lm(as.formula(less), data$complete), lm(as.formula(formula), data$complete))
  list(df_num = k$Df[2], statistic = k$F[2], p_value = k$`Pr(>F)`[2])
}
fits <- c("y ~ a + poly(x, 2)", "y ~ a * poly(x, 2)", "y ~ a + ns(x, 3)", "y ~ a * ns(week, 2) + b",
          "y ~ a + poly(x, 2, raw = TRUE)", "y ~ a * week + I(week^2)", "y ~ a + I(x * t)", "y ~ a + log(x + 1)",
          "y ~ a + offset(0.1 * x)", "y ~ a * b + offset(log(t))", "y ~ a + x + offset(t) + offset(0.1 * week)",
          "y ~ a / b", "y ~ a:b", "y ~ 0 + a:b", "y ~ a:b + x", "y ~ x + (0 + a)", "y ~ (a * b - a:b)",
          "y ~ b %in% a", "y ~ (a + b + x)^2 - a:b", "y ~ 0 + x + x:a")
out$fits <- setNames(lapply(fits, fit), fits)
out$tests <- list(
  "y ~ a * b + poly(x, 2)" = sums("y ~ a * b + poly(x, 2)"),
  "y ~ a * ns(x, 2) + b" = sums("y ~ a * ns(x, 2) + b"),
  "y ~ (a + b)^2 + I(x^2) + offset(0.1 * t)" = sums("y ~ (a + b)^2 + I(x^2) + offset(0.1 * t)"))
out$joint <- list("y ~ (a + b)^2" = joint(lm(y ~ (a + b)^2, data$complete)))
out$whole <- list("y ~ a:b" = without("y ~ 1", "y ~ a:b"), "y ~ 0 + a:b" = without("y ~ 0", "y ~ 0 + a:b"),
                  "y ~ x + a:b" = without("y ~ x", "y ~ x + a:b"),
                  "y ~ 0 + x + x:a" = without("y ~ 0 + x", "y ~ 0 + x + x:a"),
                  "y ~ a + b + a:b:c" = without("y ~ a + b", "y ~ a + b + a:b:c"))
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), target)
