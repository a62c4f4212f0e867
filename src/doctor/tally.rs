//! Findings in numbers: all that is kept of them.

use super::rule::{Grade, Rule};
use std::collections::BTreeMap;

/// What was looked at, and how often each rule found something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Users looked at.
    pub users: usize,
    /// Links looked at, whole or not.
    pub links: usize,
    /// Groups looked at.
    pub groups: usize,
    /// How often each rule found something; those that found nothing are not
    /// in it.
    pub rules: BTreeMap<Rule, usize>,
    /// Whether users were not looked at, since a run was cut off.
    pub is_cut_short: bool,
}

impl Tally {
    /// Counts one finding.
    pub fn add(&mut self, rule: Rule) {
        *self.rules.entry(rule).or_default() += 1;
    }

    /// How many findings are of a grade.
    pub fn of(&self, grade: Grade) -> usize {
        let rules = self.rules.iter();
        let of_grade = rules.filter(|(rule, _)| rule.grade() == grade);
        of_grade.map(|(_, count)| count).sum()
    }
}
