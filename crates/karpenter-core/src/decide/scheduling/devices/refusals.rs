//! Why templates refuse pods that claim devices.

use std::ops::Range;

use crate::decide::devices::{BinId, View};
use crate::decide::scheduling::explain;
use crate::decide::scheduling::solve::Solver;
use crate::decide::scheduling::unschedulable::{PoolRefusal, Refusal};
use crate::decide::scheduling::world::{Meeting, Reading};

/// Why each of `templates` refuses pods of the class at the level, in order. Templates that would take them are left
/// out. What has nothing to do with devices is said first.
pub(in super::super) fn refusals(
    solver: &mut Solver<'_>,
    (class, level): (usize, usize),
    templates: Range<usize>,
) -> Vec<PoolRefusal> {
    let mut refusals = vec![];
    for at in templates {
        if solver.open_with_devices((class, level), at, true).is_some() {
            continue;
        }
        let plain = explain::plain_refusals(solver, (class, level), at..at + 1).pop();
        let plain = plain.map(|refusal| refusal.why);
        let why = match plain {
            Some(
                why @ (Refusal::NodeLimit
                | Refusal::Limits
                | Refusal::Taints(_)
                | Refusal::Requirements(_)
                | Refusal::Volumes(_)),
            ) => why,
            plain => {
                let problem = problem(solver, (class, level), at);
                problem.or(plain).unwrap_or(Refusal::DevicesOrRoom)
            }
        };
        refusals.push(PoolRefusal {
            pool: solver.templates[at].supply.pool.name.clone(),
            why,
            core: None,
        });
    }
    refusals
}

/// Why no instance type of the template has devices for pods of the class, whatever else they ask for.
fn problem(solver: &mut Solver<'_>, (class, level): (usize, usize), at: usize) -> Option<Refusal> {
    let new = solver.claims.len();
    let Solver { classes, world, templates, devices, .. } = solver;
    let (own, template) = (&classes.all[class], &mut templates[at]);
    let (desk, claims) = (devices.as_mut()?, own.device_claims.as_deref()?);
    let shape = &classes.shapes[own.shape];
    let among = template.remaining.allowed(&template.types).ok()?;
    let asked = shape.levels[level].set;
    let Meeting::Joined(mut set) = world.meet(template.set, asked, Reading::Claim) else {
        return None;
    };
    for place in shape.places.iter() {
        if let Meeting::Joined(joined) = world.meet(set, *place, Reading::Claim) {
            set = joined;
            break;
        }
    }
    let types = desk.kinds(template, &among);
    let (bin, requirements) = (BinId::Claim(new), &**world.get(set));
    let view = View { bin, node: None, requirements, types: &types };
    let problem = desk.look((class, claims), view).err()?;
    Some(Refusal::Devices(Box::new(problem)))
}
