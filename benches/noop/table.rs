//! Ratios, each beside the bound that it is held to.

use crate::child::Cost;

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    /// Not less.
    AtLeast(f64),
    /// Not more.
    AtMost(f64),
    /// It is told, and nothing is promised of it.
    None,
}

/// What so many links say of a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judge {
    /// Whether it holds.
    Each,
    /// Nothing: they are too few.
    None,
}

/// Prints, and counts what is missed.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) judge: Judge,
    pub(crate) missed: usize,
}

impl Table {
    /// Prints one line.
    pub(crate) fn row(&mut self, what: &str, value: f64, unit: &str, bound: Bound) {
        let (bound, is_held) = match bound {
            Bound::AtLeast(least) => (format!("at least {least:.2}"), value >= least),
            Bound::AtMost(most) => (format!("at most {most:.2}"), value <= most),
            Bound::None => (String::new(), true),
        };
        let is_judged = self.judge == Judge::Each && !bound.is_empty();
        let verdict = match (is_judged, is_held) {
            (false, _) => "",
            (true, true) => "pass",
            (true, false) => {
                self.missed += 1;
                "MISS"
            }
        };
        let value = format!("{value:.2} {unit}");
        let line = format!("  {what:<52}{value:>14}  {bound:<16}{verdict}");
        println!("{}", line.trim_end());
    }
}

/// The middle one; of an even number, the larger of the two.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Runs things in turn, so many times, and gives what each run took. Whoever
/// comes second may find a busier machine, so every other turn goes backwards.
pub(crate) fn race(rounds: usize, runs: &[&dyn Fn() -> Cost]) -> Vec<Vec<Cost>> {
    let mut costs = vec![Vec::new(); runs.len()];
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..runs.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            costs[index].push(runs[index]());
        }
    }
    costs
}

/// The middle one of the ratios of two that ran in turn, by one of their
/// costs.
pub(crate) fn ratio(of: &[Cost], to: &[Cost], cost: fn(&Cost) -> f64) -> f64 {
    median(of.iter().zip(to).map(|(of, to)| cost(of) / cost(to)))
}

/// From start to end.
pub(crate) fn wall(cost: &Cost) -> f64 {
    cost.wall
}

/// On processors.
pub(crate) fn cpu(cost: &Cost) -> f64 {
    cost.cpu
}
