# Writes values.json: Rscript make.R values.json
suppressMessages(library(coin))
library(jsonlite)

samples <- list(
  # Birth weights by smoking: Kirkwood and Sterne, Essential Medical Statistics, 2nd ed., Table 30.4.
  birth_weight = list(
    first = c(3.18, 2.74, 2.9, 3.27, 3.65, 3.42, 3.23, 2.86, 3.6, 3.65, 3.69, 3.53, 2.38, 2.34),
    second = c(3.99, 3.89, 3.6, 3.73, 3.31, 3.7, 4.08, 3.61, 3.83, 3.41, 4.13, 3.36, 3.54, 3.51, 2.71)),
  # Changes of a 0-10 scale: heavily tied.
  scale = list(first = c(-4, -3, -3, -2, -2, -2, -1, -1, 0, -5, -3, -2),
               second = c(-2, -1, -1, 0, 0, 1, -2, -3, 0, -1)),
  no_ties = list(first = c(1.1, 2.3, 3.7, 4.2, 5.9), second = c(0.4, 1.7, 2.2, 3.1, 6.5, 7.3, 8.8)),
  few = list(first = c(3, 4, 4), second = c(1, 2, 4, 2))
)
two <- lapply(samples, function(s) {
  data <- data.frame(value = c(s$first, s$second),
                     arm = factor(rep(c("a", "b"), c(length(s$first), length(s$second)))))
  exact <- wilcox_test(value ~ arm, data, distribution = "exact", conf.int = TRUE)
  limits <- confint(exact)
  plain <- suppressWarnings(wilcox.test(s$first, s$second, exact = FALSE, correct = TRUE, conf.int = TRUE))
  c(s, list(exact_p = as.numeric(pvalue(exact)), exact_low = limits$conf.int[1],
            exact_high = limits$conf.int[2], coin_shift = unname(limits$estimate),
            statistic = unname(plain$statistic), normal_p = plain$p.value,
            r_shift = unname(plain$estimate)))
})

changes <- list(
  scale = c(-4, -3, 0, -2, 1, 0, -1, 2, -5, -3, 0, -2, -1),
  decimals = c(-1.2, 0.4, -2.2, -0.9, 0.1, -3.1, -1.7, 0.8, -0.3),
  few = c(-1, -2, -2, 1)
)
one <- lapply(changes, function(change) {
  data <- data.frame(y = change, x = 0)
  pratt <- wilcoxsign_test(y ~ x, data, distribution = "exact", zero.method = "Pratt")
  plain <- wilcoxsign_test(y ~ x, data, distribution = "exact", zero.method = "Wilcoxon")
  normal <- suppressWarnings(wilcox.test(change, exact = FALSE, correct = TRUE))
  out <- list(change = change, exact_p = as.numeric(pvalue(plain)), pratt_p = as.numeric(pvalue(pratt)),
              statistic = unname(normal$statistic), normal_p = normal$p.value)
  if (!any(change == 0) && !any(duplicated(abs(change)))) {
    t <- wilcox.test(change, exact = TRUE, conf.int = TRUE)
    out <- c(out, list(pseudo_median = unname(t$estimate), low = t$conf.int[1], high = t$conf.int[2]))
  }
  out
})

# Rank sums beyond the size that is listed: 130 and 125 people on a 0-10 scale.
large <- list(first = (seq_len(130) * 7) %% 11, second = (seq_len(125) * 5) %% 9 + 1)
t <- wilcox.test(large$first, large$second, exact = FALSE, correct = TRUE)
large <- c(large, list(statistic = unname(t$statistic), normal_p = t$p.value))
long <- (seq_len(600) * 7) %% 23 - 10
t <- wilcox.test(long, exact = FALSE, correct = TRUE)
long <- list(change = long, statistic = unname(t$statistic), normal_p = t$p.value)

# Stratified: coin's ranks within blocks, each block's scores weighed by 1 / (N + 1).
blocks <- data.frame(
  value = c(3, 4, 4, 5, 2, 6, 6, 7, 8, 5, 5, 1, 2, 2, 4),
  arm = factor(c("a", "a", "b", "b", "b", "a", "b", "b", "a", "a", "b", "a", "b", "a", "b")),
  site = factor(c(rep("n", 5), rep("s", 6), rep("w", 4)))
)
elteren <- function(value, block) {
  n <- table(block)[as.character(block)]
  ave(value, block, FUN = rank) / (as.numeric(n) + 1)
}
blocks$score <- elteren(blocks$value, blocks$site)
exact_p <- function(data) {
  # The whole permutation distribution, listed.
  parts <- lapply(split(data, data$site), function(d) {
    combn(nrow(d), sum(d$arm == "a"), function(i) sum(d$score[i]))
  })
  all <- Reduce(function(x, y) as.vector(outer(x, y, "+")), parts)
  seen <- sum(data$score[data$arm == "a"])
  mean(abs(all - mean(all)) >= abs(seen - mean(all)) - 1e-9)
}
asymptotic <- independence_test(score ~ arm | site, blocks, distribution = "asymptotic", teststat = "quad")
stratified <- list(data = blocks[c("value", "arm", "site")], exact_p = exact_p(blocks),
                   asymptotic_p = as.numeric(pvalue(asymptotic)))

source <- list(program = "R", version = as.character(getRversion()),
               package = paste("coin", packageVersion("coin")),
               call = "wilcox_test, wilcoxsign_test, wilcox.test, independence_test; see make.R")
write_json(list(source = source, two = two, one = one, large = large, long = long, stratified = stratified),
           commandArgs(TRUE)[1], auto_unbox = TRUE, digits = I(17), pretty = TRUE, dataframe = "columns")
