//! The tables of docs/plugins/any-language.md, for those who write the canonical ABI by hand: core signatures, and where
//! things lie in memory. They are what the contract says.

use std::fmt::Write as _;
use std::fs;

use roomcast_tests::root;
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, Interface, InterfaceId, Resolve, SizeAlign, Type, TypeDefKind, TypeOwner, WorldItem};

const DOCUMENT: &str = "docs/plugins/any-language.md";

#[test]
fn core_signatures_in_the_documentation_are_those_of_the_contract() {
    let contract = Contract::read();
    let document = fs::read_to_string(root().join(DOCUMENT)).expect("the document");
    let wanted = [contract.hooks(), contract.imports(), contract.memory()];
    let missing: Vec<&str> =
        wanted.iter().flat_map(|table| table.lines()).filter(|row| !document.contains(row)).collect();
    assert!(missing.is_empty(), "{DOCUMENT} lacks rows:\n{}\nthe tables:\n\n{}", missing.join("\n"), wanted.join("\n"));
    let rows = |text: &str| text.lines().filter(|line| line.starts_with("| `") && line.contains("` → ")).count();
    assert_eq!(rows(&document), rows(&wanted.concat()), "{DOCUMENT} has rows of functions that the contract lacks");
}

struct Contract {
    resolve: Resolve,
    sizes: SizeAlign,
    package: wit_parser::PackageId,
}

impl Contract {
    fn read() -> Self {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_path(root().join("wit")).expect("the contract");
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve);
        Self { resolve, sizes, package }
    }

    /// The interfaces that a world of the contract exports or imports, as they stand there.
    fn interfaces(&self, world: &str, is_hook: bool) -> Vec<InterfaceId> {
        let world = self.resolve.select_world(&[self.package], Some(world)).expect("a world");
        let world = &self.resolve.worlds[world];
        let items = if is_hook { &world.exports } else { &world.imports };
        items
            .values()
            .filter_map(|item| if let WorldItem::Interface { id, .. } = item { Some(*id) } else { None })
            .collect()
    }

    fn hooks(&self) -> String {
        let mut table = String::from("| export | parameters | core type | result |\n|---|---|---|---|\n");
        for id in self.interfaces("plugin", true) {
            let interface = &self.resolve.interfaces[id];
            for function in interface.functions.values() {
                self.row(&mut table, interface, function, AbiVariant::GuestExport);
            }
        }
        table
    }

    fn imports(&self) -> String {
        let mut table = String::from("| import | parameters | core type | result |\n|---|---|---|---|\n");
        let mut done = Vec::new();
        for id in ["imports", "capabilities", "drafts"].iter().flat_map(|world| self.interfaces(world, false)) {
            let interface = &self.resolve.interfaces[id];
            if done.contains(&id) {
                continue;
            }
            done.push(id);
            for function in interface.functions.values() {
                self.row(&mut table, interface, function, AbiVariant::GuestImport);
            }
            for (name, ty) in &interface.types {
                if matches!(self.resolve.types[*ty].kind, TypeDefKind::Resource) {
                    let interface = self.interface(interface);
                    writeln!(table, "| `{interface}` `[resource-drop]{name}` | *{name}* | `i32` → | |").expect("text");
                }
            }
        }
        table
    }

    /// The name of an interface: short if it is one of the contract's own.
    fn interface(&self, interface: &Interface) -> String {
        let name = interface.name.as_deref().expect("a name");
        match interface.package {
            Some(package) if package != self.package => {
                let id = &self.resolve.packages[package].name;
                let version = id.version.as_ref().map(|version| format!("@{version}")).unwrap_or_default();
                format!("{}:{}/{name}{version}", id.namespace, id.name)
            }
            _ => name.to_owned(),
        }
    }

    fn row(&self, table: &mut String, interface: &Interface, function: &Function, variant: AbiVariant) {
        let signature = self.resolve.wasm_signature(variant, function);
        assert!(!signature.indirect_params, "{}: its parameters would lie in memory", function.name);
        let mut parameters: Vec<String> = function
            .params
            .iter()
            .map(|parameter| {
                let word = self.word(&parameter.ty);
                if word.trim_matches('*') == parameter.name { word } else { format!("{} {word}", parameter.name) }
            })
            .collect();
        if variant == AbiVariant::GuestImport && signature.retptr {
            parameters.push("*at*".into());
        }
        let core = |types: &[WasmType]| {
            let names: Vec<&str> = types.iter().map(|ty| if is_wide(*ty) { "i64" } else { "i32" }).collect();
            names.join(" ")
        };
        let (takes, gives) = (core(&signature.params), core(&signature.results));
        let quoted = |core: &str| if core.is_empty() { String::new() } else { format!("`{core}` ") };
        let gives = if gives.is_empty() { String::new() } else { format!(" `{gives}`") };
        let result = function.result.map(|ty| self.result(&ty)).unwrap_or_default();
        let interface = self.interface(interface);
        let parameters = parameters.join(", ");
        writeln!(table, "| `{interface}` `{}` | {parameters} | {}→{gives} | {result} |", function.name, quoted(&takes))
            .expect("text");
    }

    /// A type in the words of the document.
    fn word(&self, ty: &Type) -> String {
        match ty {
            Type::String => "*text*".into(),
            Type::Id(id) => {
                let definition = &self.resolve.types[*id];
                match (&definition.kind, &definition.name) {
                    (TypeDefKind::Type(ty), None) => self.word(ty),
                    // What is an alias for a number is one.
                    (TypeDefKind::Type(ty), Some(_)) if !matches!(ty, Type::Id(_)) => self.word(ty),
                    (TypeDefKind::Option(ty), _) => format!("*option* {}", self.word(ty)),
                    (TypeDefKind::List(ty), _) => format!("*list* of {}", self.word(ty)),
                    (TypeDefKind::Result(result), _) => {
                        let part = |ty: &Option<Type>| ty.as_ref().map_or("_".into(), |ty| self.word(ty));
                        format!("*result*: {} or {}", part(&result.ok), part(&result.err))
                    }
                    (TypeDefKind::Tuple(tuple), _) => {
                        tuple.types.iter().map(|ty| self.word(ty)).collect::<Vec<_>>().join(" and ")
                    }
                    (TypeDefKind::Handle(handle), _) => {
                        let (wit_parser::Handle::Own(id) | wit_parser::Handle::Borrow(id)) = handle;
                        format!("*{}*", self.resolve.types[*id].name.as_deref().expect("a name"))
                    }
                    (_, Some(name)) => format!("*{name}*"),
                    (kind, None) => panic!("the document has no word for {kind:?}"),
                }
            }
            number => format!("{number:?}").to_lowercase(),
        }
    }

    /// A result, with where its parts lie.
    fn result(&self, ty: &Type) -> String {
        let word = self.word(ty);
        let Type::Id(id) = ty else { return word };
        match &self.resolve.types[*id].kind {
            TypeDefKind::Result(result) => {
                let at = self.sizes.payload_offset(wit_parser::Int::U8, [result.ok.as_ref(), result.err.as_ref()]);
                format!("{word}, at {}", at.size_wasm32())
            }
            _ => word,
        }
    }

    fn memory(&self) -> String {
        let mut table = String::from("| type | size | where its parts lie |\n|---|---|---|\n");
        let own = self.resolve.types.iter().filter(|(_, definition)| match definition.owner {
            TypeOwner::Interface(id) => self.resolve.interfaces[id].package == Some(self.package),
            _ => false,
        });
        for (id, definition) in own {
            let Some(name) = &definition.name else { continue };
            let size = self.sizes.size(&Type::Id(id)).size_wasm32();
            let parts = match &definition.kind {
                TypeDefKind::Record(record) => {
                    let offsets = self.sizes.field_offsets(record.fields.iter().map(|field| &field.ty));
                    let fields = record.fields.iter().zip(offsets);
                    let shown = fields
                        .map(|(field, (at, ty))| format!("{} {} {}", at.size_wasm32(), field.name, self.word(ty)));
                    shown.collect::<Vec<_>>().join(", ")
                }
                TypeDefKind::Variant(variant) => {
                    let payloads = variant.cases.iter().map(|case| case.ty.as_ref());
                    let at = self.sizes.payload_offset(variant.tag(), payloads).size_wasm32();
                    let cases = variant.cases.iter().enumerate().map(|(index, case)| {
                        let payload = case.ty.as_ref().map(|ty| format!(" ({})", self.word(ty))).unwrap_or_default();
                        format!("{index} {}{payload}", case.name)
                    });
                    format!("0 the case, {at} what it has: {}", cases.collect::<Vec<_>>().join(", "))
                }
                TypeDefKind::Enum(cases) => {
                    let cases = cases.cases.iter().enumerate().map(|(index, case)| format!("{index} {}", case.name));
                    format!("the case: {}", cases.collect::<Vec<_>>().join(", "))
                }
                _ => continue,
            };
            writeln!(table, "| *{name}* | {size} | {parts} |").expect("text");
        }
        table
    }
}

fn is_wide(ty: WasmType) -> bool {
    matches!(ty, WasmType::I64 | WasmType::PointerOrI64)
}
