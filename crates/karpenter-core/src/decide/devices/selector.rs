//! Expressions that select devices, in the Common Expression Language.
//!
//! An expression sees one variable, `device`, with `driver`, `allowMultipleAllocations`, `attributes` and `capacity`;
//! attributes and capacities are kept by domain and then by id. A domain that a device does not have is empty rather than
//! an error, so that `has()` can be asked about it.
//!
//! *Guarantees.* An expression that cannot be read is refused before any device is looked at. One that fails on a device
//! does not select it. Work on untrusted text is bounded by its length and its depth; the API server bounds what an
//! expression may cost.
//!
//! *Caveats.* `cel.bind` and comprehensions over two variables are refused by name.
//!
//! Source: Kubernetes API (CELDeviceSelector).

use std::cell::RefCell;
use std::sync::Arc;

use kube_cel::KubeCelExt;
use kube_cel::cel::common::ast::{CallExpr, Expr, IdedExpr, MapExpr, SelectExpr, operators};
use kube_cel::cel::parser::Parser;
use kube_cel::cel::{Context, ExecutionError, Value};
use rustc_hash::FxHashMap;

/// Most bytes of an expression, as in the API.
const MAX_LENGTH: usize = 10 * 1024;

/// Most brackets, members and operators of an expression: each may nest what follows one level deeper.
pub(super) const MAX_LINKS: usize = 256;

/// Bytes of stack to read an expression on: the parser takes up to 200 KiB for a level.
const READING: usize = 64 << 20;

/// Bytes of stack that are enough to evaluate any expression, and what is taken when there are fewer.
const EVALUATING: (usize, usize) = (8 << 20, 16 << 20);

/// The only variable.
const DEVICE: &str = "device";

/// Number of an expression.
pub(super) type ProgramId = usize;

/// Expressions met so far.
pub(super) struct Selectors {
    context: Context<'static>,
    programs: RefCell<Vec<IdedExpr>>,
    known: RefCell<FxHashMap<Arc<str>, Result<ProgramId, String>>>,
}

impl std::fmt::Debug for Selectors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Selectors").field("programs", &self.programs).finish_non_exhaustive()
    }
}

impl Default for Selectors {
    fn default() -> Self {
        Self {
            context: Context::default().with_all(),
            programs: RefCell::default(),
            known: RefCell::default(),
        }
    }
}

/// Does something on a stack that is deep enough to evaluate any expression.
pub(super) fn with_enough_stack<T>(work: impl FnOnce() -> T) -> T {
    let (enough, more) = EVALUATING;
    stacker::maybe_grow(enough, more, work)
}

impl Selectors {
    /// The number of the expression `text`.
    ///
    /// # Errors
    /// What is wrong with it, on one line.
    pub(super) fn compile(&self, text: &Arc<str>) -> Result<ProgramId, String> {
        if let Some(known) = self.known.borrow().get(text) {
            return known.clone();
        }
        let program = stacker::grow(READING, || self.read(text)).map(|program| {
            let mut programs = self.programs.borrow_mut();
            programs.push(program);
            programs.len() - 1
        });
        self.known.borrow_mut().insert(text.clone(), program.clone());
        program
    }

    /// Whether the expression selects `device`; to be called [`with_enough_stack`].
    pub(super) fn selects(&self, program: ProgramId, device: &Value) -> bool {
        let mut context = self.context.new_inner_scope();
        context.add_variable_from_value(DEVICE, device.clone());
        let answer = Value::resolve(&self.programs.borrow()[program], &context);
        matches!(answer, Ok(Value::Bool(true)))
    }

    /// What the function called `name` makes of `text`; `None` when it refuses it.
    pub(super) fn parse(&self, name: &str, text: String) -> Option<Value> {
        let mut context = self.context.new_inner_scope();
        context.add_variable_from_value("text", text);
        let call = CallExpr { func_name: name.to_owned(), target: None, args: vec![ident("text")] };
        Value::resolve(&of(Expr::Call(call)), &context).ok()
    }

    fn read(&self, text: &str) -> Result<IdedExpr, String> {
        if text.len() > MAX_LENGTH {
            return Err(format!("expression has more than {MAX_LENGTH} bytes"));
        }
        if n_links(text) > MAX_LINKS {
            return Err(format!("expression has more than {MAX_LINKS} members and operators"));
        }
        let mut program = parse(text)?;
        self.check_functions(&program)?;
        default_domains(&mut program);
        Ok(program)
    }

    /// Whether all functions are known. An unknown variable, which the API server does not let through, is an error of the
    /// evaluation.
    fn check_functions(&self, program: &IdedExpr) -> Result<(), String> {
        let references = program.references();
        let functions = references.functions().into_iter().filter(|name| !self.is_function(name));
        match functions.min() {
            Some(name) => Err(format!("function \"{name}\" is not supported")),
            None => Ok(()),
        }
    }

    /// Whether there is a function, or an operator, of this name.
    fn is_function(&self, name: &str) -> bool {
        let is_operator = !name.starts_with(|c: char| c.is_ascii_alphabetic());
        let call = CallExpr { func_name: name.to_owned(), target: None, args: vec![] };
        let answer = Value::resolve(&of(Expr::Call(call)), &self.context);
        is_operator || !matches!(answer, Err(ExecutionError::UndeclaredReference(_)))
    }
}

/// The tree of the expression. The parser panics on some texts it cannot read.
fn parse(text: &str) -> Result<IdedExpr, String> {
    let parse = || Parser::new().enable_optional_syntax(true).parse(text);
    match std::panic::catch_unwind(parse) {
        Ok(parsed) => parsed.map_err(|errors| one_line(&errors.to_string())),
        Err(_) => Err("expression cannot be parsed".to_owned()),
    }
}

/// Brackets, members and operators outside quotes, an upper bound of how deep the tree can be.
fn n_links(text: &str) -> usize {
    let is_link = |c: char| ".[({?+-*/%<>=!&|".contains(c);
    let mut quote = None;
    let mut links = 0;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if is_link(c) => links += 1,
            None => {}
        }
    }
    links
}

/// Makes a domain that the device does not have an empty one: `m[k]` becomes `k in m ? m[k] : {}`.
fn default_domains(tree: &mut IdedExpr) {
    match &mut tree.expr {
        Expr::Call(call) => {
            let target = call.target.iter_mut().map(|target| &mut **target);
            target.chain(&mut call.args).for_each(default_domains);
        }
        Expr::Comprehension(parts) => {
            let parts = &mut **parts;
            let parts = [
                &mut parts.iter_range,
                &mut parts.accu_init,
                &mut parts.loop_cond,
                &mut parts.loop_step,
                &mut parts.result,
            ];
            parts.into_iter().for_each(default_domains);
        }
        Expr::List(list) => list.elements.iter_mut().for_each(default_domains),
        Expr::Select(select) => default_domains(&mut select.operand),
        Expr::Map(_) | Expr::Struct(_) => {}
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => {}
    }
    if let Some((map, key)) = domain_lookup(&tree.expr) {
        let is_there = call(operators::IN, vec![key, map]);
        let lookup = std::mem::take(tree);
        let nothing = of(Expr::Map(MapExpr::default()));
        *tree = call(operators::CONDITIONAL, vec![is_there, lookup, nothing]);
    }
}

/// The map and the key of `device.attributes[key]` or `device.capacity[key]`.
fn domain_lookup(tree: &Expr) -> Option<(IdedExpr, IdedExpr)> {
    let Expr::Call(CallExpr { func_name, args, .. }) = tree else { return None };
    let [map, key] = &args[..] else { return None };
    let Expr::Select(SelectExpr { operand, field, test: false }) = &map.expr else { return None };
    let is_lookup = func_name == operators::INDEX
        && operand.expr == Expr::Ident(DEVICE.to_owned())
        && (field == "attributes" || field == "capacity");
    is_lookup.then(|| (map.clone(), key.clone()))
}

fn call(name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    of(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
}

fn ident(name: &str) -> IdedExpr {
    of(Expr::Ident(name.to_owned()))
}

fn of(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}

fn one_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
