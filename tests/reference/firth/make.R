# Writes values.json: Rscript make.R values.json
# Firth's estimates by the definition: the penalised likelihood maximised by nlminb, its profile by
# nlminb within uniroot. Responders of three arms with an age; in the second case one arm all respond.
library(jsonlite)

penalised <- function(beta, x, y) {
  linear <- drop(x %*% beta)
  w <- plogis(linear) * plogis(-linear)
  value <- sum(plogis(ifelse(y == 1, linear, -linear), log.p = TRUE)) +
    as.numeric(determinant(crossprod(x * sqrt(w)))$modulus) / 2
  if (is.finite(value)) value else -1e10
}
best <- function(x, y, index = NULL, value = NULL, start = rep(0, ncol(x))) {
  free <- setdiff(seq_len(ncol(x)), index)
  beta <- start
  beta[index] <- value
  minus <- function(b) { beta[free] <- b; -penalised(beta, x, y) }
  found <- nlminb(start[free], minus, control = list(rel.tol = 1e-14, x.tol = 1e-10, iter.max = 2000, eval.max = 4000))
  beta[free] <- found$par
  list(beta = beta, value = -found$objective)
}
one <- function(data) {
  data$arm <- relevel(factor(data$arm), "forward")
  x <- model.matrix(~ arm + age, data)
  x[, "age"] <- (x[, "age"] - 50) / 10
  fit <- best(x, data$y)
  rows <- lapply(2:3, function(i) {
    lr <- 2 * (fit$value - best(x, data$y, i, 0, fit$beta)$value)
    drop <- function(b) 2 * (fit$value - best(x, data$y, i, b, fit$beta)$value) - qchisq(0.95, 1)
    root <- function(side) uniroot(drop, fit$beta[i] + sort(c(0, side)), tol = 1e-9)$root
    list(arm = sub("^arm", "", colnames(x)[i]), estimate = exp(fit$beta[i]), statistic = lr,
         p_value = pchisq(lr, 1, lower.tail = FALSE), conf_low = exp(root(-12)), conf_high = exp(root(12)))
  })
  list(data = data, rows = rows)
}
n <- 30
plain <- data.frame(arm = rep(c("backward", "forward", "usual"), each = 10),
                    age = round(50 + 12 * sin(seq_len(n) * 2.1)))
plain$y <- as.numeric(sin(seq_len(n) * 4.7) + 0.5 * (plain$arm == "backward") - 0.02 * (plain$age - 50) > 0.2)
separated <- plain
separated$y[1:10] <- 1
source <- list(program = "R", version = as.character(getRversion()), package = "stats",
               call = "penalised likelihood by nlminb and uniroot; see make.R")
write_json(list(source = source, plain = one(plain), separated = one(separated)), commandArgs(TRUE)[1],
           auto_unbox = TRUE, digits = I(17), pretty = TRUE, dataframe = "columns")
