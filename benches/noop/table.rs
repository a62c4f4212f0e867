//! Ratios, each beside the bound that it is held to.

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

/// Runs programs in turn, so many times, and gives the seconds of each. Whoever
/// comes second may find a busier machine, so every other turn goes backwards.
pub(crate) fn race(rounds: usize, programs: &[&dyn Fn() -> f64]) -> Vec<Vec<f64>> {
    let mut times = vec![Vec::new(); programs.len()];
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..programs.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            times[index].push(programs[index]());
        }
    }
    times
}

/// The middle one of the ratios of two that ran in turn.
pub(crate) fn ratio(of: &[f64], to: &[f64]) -> f64 {
    median(of.iter().zip(to).map(|(of, to)| of / to))
}
