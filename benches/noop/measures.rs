//! What is measured, one function for each part of the table.

use crate::Plan;
use crate::child::{Cost, Program};
use crate::fleet::Root;
use crate::rivals::{self, Rival};
use crate::table::Bound::{self, AtLeast, AtMost};
use crate::table::{Table, cpu, median, race, ratio, wall};
use crate::world::{Manifest, World};
use std::fs;
use std::path::Path;

/// Where root tells the kernel to forget what it read.
const CACHES: &str = "/proc/sys/vm/drop_caches";

/// Something that is run, for what it costs.
type Run<'r> = &'r dyn Fn() -> Cost;

/// A run of a program.
fn run(program: &Program) -> impl Fn() -> Cost {
    move || program.measure()
}

/// The floor of a world: opens, reads and closes its files.
fn floor_of(world: &World) -> Program {
    let floor = Program::of_ours("--floor");
    floor.arg(world.root()).arg(world.path("names"))
}

/// The plan of a world without the reading of its manifest.
fn bare_plan_of(world: &World) -> Program {
    let plan = Program::of_ours("--plan").arg(world.manifest());
    plan.arg(world.secrets()).arg(world.root())
}

/// A plan that finds nothing to do, against other tools and the floor.
pub(crate) fn against_rivals(plan: &Plan, table: &mut Table) {
    for (links, rounds) in [(1_000, 11), (10_000, 7), (100_000, 5)] {
        let Some(count) = plan.links(links) else {
            continue;
        };
        let world = World::new(count, Manifest::Hundred, Root::Filled, &plan.folder);
        println!("\n{} links in sync, all in the cache", world.written.links);
        let rounds = plan.rounds(rounds);
        let rivals: Vec<Rival> = [rivals::rsync(&world), rivals::perl(&world)]
            .into_iter()
            .flatten()
            .collect();
        let (noop, without) = (world.plan(), world.plan_without_tokens());
        let (floor, bare) = (floor_of(&world), bare_plan_of(&world));
        let walls: Vec<_> = rivals.iter().map(|rival| run(&rival.program)).collect();
        let (with, without) = (run(&noop), run(&without));
        let (floor, bare) = (|| floor.part(), || bare.part());
        let mut programs: Vec<Run<'_>> = vec![&with, &without, &floor, &bare];
        programs.extend(walls.iter().map(|run| run as Run<'_>));
        let times = race(rounds, &programs);
        seconds(table, "plan", &times[0]);
        seconds(table, "plan without tokens", &times[1]);
        seconds(table, "floor: the files opened, read, closed", &times[2]);
        for (rival, times_of) in rivals.iter().zip(&times[4..]) {
            seconds(table, rival.name, times_of);
            let what = format!("{} / plan", rival.name);
            table.row(&what, ratio(times_of, &times[0], wall), "×", AtLeast(2.5));
            let less = ratio(times_of, &times[0], cpu);
            table.row("  by processor time", less, "×", Bound::None);
        }
        let (of_floor, of_rest) = if links == 100_000 {
            (AtMost(2.2), AtMost(1.4))
        } else {
            (Bound::None, Bound::None)
        };
        for (what, index, bound) in [
            ("plan / floor", 0, of_floor),
            ("plan, after parsing / floor", 3, of_rest),
        ] {
            let times_of = &times[index];
            table.row(what, ratio(times_of, &times[2], wall), "×", bound);
            let more = ratio(times_of, &times[2], cpu);
            table.row("  by processor time", more, "×", Bound::None);
        }
        match links {
            1_000 => once(table, &noop, rivals::puppet(&world), 200.0),
            10_000 => {
                once(table, &noop, rivals::cf_agent(&world), 40.0);
                let peak = noop.measure().peak;
                table.row("memory, at most", peak, "MB", AtMost(32.0));
                cold(plan, table, &world, &rivals);
                recorded(plan, table, &world);
            }
            _ => one_user(plan, table, &world),
        }
    }
}

fn seconds(table: &mut Table, what: &str, times: &[Cost]) {
    table.row(what, median(times.iter().map(wall)), "s", Bound::None);
}

/// Against a tool so slow that one run of it in the middle of several of ours
/// says enough.
fn once(table: &mut Table, plan: &Program, rival: Option<Rival>, least: f64) {
    let Some(Rival { name, program }) = rival else {
        return;
    };
    let before = [(); 3].map(|()| plan.measure().wall);
    let taken = program.measure();
    let after = [(); 3].map(|()| plan.measure().wall);
    let ours = median(before.into_iter().chain(after));
    seconds(table, name, &[taken]);
    table.row(
        &format!("{name} / plan"),
        taken.wall / ours,
        "×",
        AtLeast(least),
    );
}

/// With nothing in the cache, as after a boot.
fn cold(plan: &Plan, table: &mut Table, world: &World, rivals: &[Rival]) {
    if let Err(error) = fs::write(CACHES, "1") {
        println!("SKIPPED with a cold cache: {CACHES} cannot be written: {error}");
        return;
    }
    let noop = world.plan();
    let forgetful = |program: &Program| {
        rustix::fs::sync();
        fs::write(CACHES, "3").unwrap();
        program.measure()
    };
    let ours = || forgetful(&noop);
    let theirs: Vec<_> = rivals
        .iter()
        .map(|rival| || forgetful(&rival.program))
        .collect();
    let mut programs: Vec<Run<'_>> = vec![&ours];
    programs.extend(theirs.iter().map(|run| run as Run<'_>));
    println!("the same with a cold cache");
    let times = race(plan.rounds(5), &programs);
    seconds(table, "plan", &times[0]);
    for (rival, times_of) in rivals.iter().zip(&times[1..]) {
        let bound = if rival.name.starts_with("rsync") {
            AtLeast(4.0)
        } else {
            Bound::None
        };
        seconds(table, rival.name, times_of);
        let what = format!("{} / plan", rival.name);
        table.row(&what, ratio(times_of, &times[0], wall), "×", bound);
    }
}

/// With a state that has all links on record, and without. This writes one.
fn recorded(plan: &Plan, table: &mut Table, world: &World) {
    let apply = Program::cplinks().arg("apply").arg(world.manifest());
    let apply = apply.args(["--yes", "--owners", "keep", "--root"]);
    let apply = apply.arg(world.root()).arg("--secrets");
    apply.arg(world.secrets()).output();
    let (noop, state) = (world.plan(), world.root().join(".cplinks"));
    let aside = world.path("state");
    let with = run(&noop);
    let without = || {
        fs::rename(&state, &aside).unwrap();
        let cost = noop.measure();
        fs::rename(&aside, &state).unwrap();
        cost
    };
    let times = race(plan.rounds(7), &[&with, &without]);
    let more = ratio(&times[0], &times[1], wall);
    table.row("with all links on record / without", more, "×", Bound::None);
}

/// One user alone, of all that the manifest has.
fn one_user(plan: &Plan, table: &mut Table, world: &World) {
    let name = fs::read_dir(world.root().join("links")).unwrap().next();
    let name = name.unwrap().unwrap().file_name();
    let (all, one) = (world.plan(), world.plan().arg("--user").arg(name));
    let times = race(plan.rounds(3), &[&run(&one), &run(&all)]);
    table.row(
        "one user alone / all",
        ratio(&times[0], &times[1], wall),
        "×",
        Bound::None,
    );
}

/// How time and memory grow with the links.
pub(crate) fn growth(plan: &Plan, table: &mut Table) {
    let sizes = [3_000, 30_000, 300_000].map(|links| plan.links(links));
    let sizes: Vec<usize> = sizes.into_iter().flatten().collect();
    let make = |links: &usize| World::new(*links, Manifest::Hundred, Root::Filled, &plan.folder);
    let worlds: Vec<World> = sizes.iter().map(make).collect();
    println!("\nfrom {} to {} links", sizes[0], sizes[sizes.len() - 1]);
    let noops: Vec<_> = worlds.iter().map(World::plan_without_tokens).collect();
    let runs: Vec<_> = noops.iter().map(run).collect();
    let runs: Vec<_> = runs.iter().map(|run| run as Run<'_>).collect();
    let times = race(plan.rounds(3), &runs);
    for (links, times) in sizes.iter().zip(&times) {
        seconds(table, &format!("plan of {links} links"), times);
    }
    for (pair, links) in times.windows(2).zip(sizes.windows(2)) {
        let what = format!("{} links / {} links", links[1], links[0]);
        table.row(&what, ratio(&pair[1], &pair[0], wall), "×", AtMost(11.0));
    }
    if let [first, .., last] = times.as_slice() {
        let links = sizes[sizes.len() - 1] as f64 / sizes[0] as f64;
        let exponent = ratio(last, first, wall).ln() / links.ln();
        table.row("exponent", exponent, "", Bound::None);
    }
    if let (Some(world), Some(times)) = (worlds.last(), times.last()) {
        memory(
            plan,
            table,
            world,
            median(times.iter().map(|cost| cost.peak)),
        );
    }
}

/// The most memory of a plan of many links, from many files and from one.
fn memory(plan: &Plan, table: &mut Table, world: &World, peak: f64) {
    let links = world.written.links;
    let bytes = world.written.manifest_bytes as f64 / 1e6;
    println!("\nthe memory of a plan of {links} links, whose manifest has {bytes:.1} MB");
    table.row("from many files", peak, "MB", AtMost(5.0 * bytes + 100.0));
    let with_tokens = world.plan().measure().peak;
    table.row("  with the tokens", with_tokens, "MB", Bound::None);
    let one = World::new(links, Manifest::One, Root::Empty, &plan.folder);
    let peak = one.plan_of(&world.root()).measure().peak;
    let yaml = Program::of_ours("--yaml").arg(one.manifest().join("000.yaml"));
    let of_yaml = yaml.measure().peak;
    table.row("from one document", peak, "MB", Bound::None);
    table.row("  the YAML parser alone", of_yaml, "MB", Bound::None);
    table.row("  plan / parser", peak / of_yaml, "×", AtMost(1.3));
}

/// What showing many changes costs, over the plan itself.
pub(crate) fn showing(plan: &Plan, table: &mut Table) {
    let Some(links) = plan.links(300_000) else {
        return;
    };
    let world = World::new(links, Manifest::Hundred, Root::Empty, &plan.folder);
    println!("\n{} links to create, shown", world.written.links);
    let of = |format: &str| world.plan_of(&world.root()).args(["--format", format]);
    // Three numbers: as good as not shown.
    let (least, text, json) = (of("gitlab"), of("text"), of("json"));
    let all = text.clone().arg("--expand");
    let runs = [&least, &text, &json, &all].map(run);
    let runs: Vec<_> = runs.iter().map(|run| run as Run<'_>).collect();
    let times = race(plan.rounds(3), &runs);
    seconds(table, "the plan itself, shown as three numbers", &times[0]);
    let forms = [
        ("text", AtMost(0.5)),
        ("JSON", AtMost(0.5)),
        ("text, each change on its own", Bound::None),
    ];
    for ((form, bound), times_of) in forms.into_iter().zip(&times[1..]) {
        let more = ratio(times_of, &times[0], wall) - 1.0;
        table.row(&format!("{form}, more than that"), more, "×", bound);
        let more = ratio(times_of, &times[0], cpu) - 1.0;
        table.row("  by processor time", more, "×", Bound::None);
    }
}

/// What it takes to start.
pub(crate) fn start(plan: &Plan, table: &mut Table) {
    println!("\nto start");
    let version = Program::cplinks().arg("--version");
    let nothing = Program::new("true");
    let times = race(plan.rounds(101), &[&run(&version), &run(&nothing)]);
    table.row(
        "cplinks --version / true",
        ratio(&times[0], &times[1], wall),
        "×",
        AtMost(3.0),
    );
    let world = World::new(30, Manifest::One, Root::Filled, Path::new(&plan.folder));
    let noop = world.plan();
    let cpu = median((0..plan.rounds(21)).map(|_| noop.measure().cpu));
    table.row(
        "plan of 10 users, on a processor",
        cpu * 1e3,
        "ms",
        AtMost(30.0),
    );
}
