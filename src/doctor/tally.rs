//! Findings in numbers: all that is kept of them.

use super::finding::{Finding, Mend};
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
    /// Whether a finding is mended by a manifest, which has to name the link.
    pub needs_manifest: bool,
}

impl Tally {
    /// Counts one finding.
    pub fn add(&mut self, finding: &Finding) {
        *self.rules.entry(finding.rule).or_default() += 1;
        self.needs_manifest |= finding.mend == Some(Mend::Apply);
    }

    /// How many findings are of a grade.
    pub fn of(&self, grade: Grade) -> usize {
        let rules = self.rules.iter();
        let of_grade = rules.filter(|(rule, _)| rule.grade() == grade);
        of_grade.map(|(_, count)| count).sum()
    }
}
