# Writes values.json: Rscript make.R values.json
library(jsonlite)

# The score interval of the ratio by its definition: the ratios whose score chi-square, with the
# likelihood maximised numerically under p1 = ratio p2, does not exceed the quantile.
score <- function(ratio, x1, n1, x2, n2) {
  minus <- function(p2) -(dbinom(x1, n1, ratio * p2, log = TRUE) + dbinom(x2, n2, p2, log = TRUE))
  p2 <- optimize(minus, c(0, min(1, 1 / ratio)), tol = 1e-13)$minimum
  p1 <- ratio * p2
  (x1 - n1 * p1)^2 / (n1 * p1 * (1 - p1)) + (x2 - n2 * p2)^2 / (n2 * p2 * (1 - p2))
}
limit <- function(x1, n1, x2, n2, from, to) {
  exp(uniroot(function(l) score(exp(l), x1, n1, x2, n2) - qchisq(0.95, 1), c(from, to), tol = 1e-12)$root)
}
wilson <- function(x, n) prop.test(x, n, correct = FALSE)$conf.int
cases <- list(c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7), c(5, 56, 1, 29), c(36, 40, 16, 80),
              c(12, 20, 11, 22))
out <- lapply(cases, function(r) {
  one <- as.numeric(wilson(r[1], r[2])); two <- as.numeric(wilson(r[3], r[4]))
  p <- c(r[1] / r[2], r[3] / r[4])
  d <- p[1] - p[2]
  ratio <- log(p[1] / p[2])
  list(input = r, fisher_p = fisher.test(matrix(c(r[1], r[2] - r[1], r[3], r[4] - r[3]), 2))$p.value,
       difference_low = d - sqrt((p[1] - one[1])^2 + (two[2] - p[2])^2),
       difference_high = d + sqrt((one[2] - p[1])^2 + (p[2] - two[1])^2),
       ratio_low = limit(r[1], r[2], r[3], r[4], ratio - 4, ratio),
       ratio_high = limit(r[1], r[2], r[3], r[4], ratio, ratio + 4))
})
extreme <- lapply(list(c(0, 10, 6, 12), c(10, 10, 0, 10), c(0, 8, 0, 9), c(8, 8, 9, 9)), function(r) {
  list(input = r, fisher_p = fisher.test(matrix(c(r[1], r[2] - r[1], r[3], r[4] - r[3]), 2))$p.value)
})
source <- list(program = "R", version = as.character(getRversion()), package = "stats",
               call = "prop.test, fisher.test, the score equation with optimize and uniroot; see make.R")
write_json(list(source = source, cases = out, extreme = extreme), commandArgs(TRUE)[1], auto_unbox = TRUE,
           digits = I(17), pretty = TRUE)
