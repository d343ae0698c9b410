//! What the bytes of a component are.

use wasmparser::{Parser, Payload};

/// The bytes of one core WebAssembly page.
const PAGE: u64 = 64 << 10;

/// A component's parts, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Core modules.
    pub(super) modules: usize,
    pub(super) code: usize,
    /// What memories are filled with at the start.
    pub(super) data: usize,
    /// Names of functions, for backtraces.
    pub(super) names: usize,
    /// Debug information, which the server does not use.
    pub(super) debug: usize,
    /// Other custom sections.
    pub(super) custom: usize,
    /// What all memories have at the start.
    pub(super) memory: u64,
}

impl Parts {
    /// Take a component apart.
    ///
    /// # Errors
    /// When it is not a component.
    pub(super) fn of(bytes: &[u8]) -> wasmparser::Result<Self> {
        let mut parts = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            parts.count(&payload?)?;
        }
        Ok(parts)
    }

    /// What a component of this size has beside them.
    pub(super) fn rest(&self, size: usize) -> usize {
        size.saturating_sub(self.code + self.data + self.names + self.debug + self.custom)
    }

    fn count(&mut self, payload: &Payload<'_>) -> wasmparser::Result<()> {
        match payload {
            Payload::ModuleSection { .. } => self.modules += 1,
            Payload::CodeSectionStart { size, .. } => self.code += *size as usize,
            Payload::DataSection(data) => self.data += data.range().len(),
            Payload::MemorySection(memories) => {
                for memory in memories.clone() {
                    self.memory += memory?.initial.saturating_mul(PAGE);
                }
            }
            Payload::CustomSection(section) => {
                let size = section.data().len();
                match section.name() {
                    "name" | "component-name" => self.names += size,
                    name if name.starts_with(".debug") => self.debug += size,
                    _ => self.custom += size,
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_by_kind() {
        let text = r#"(component
            (core module (memory 2) (data (i32.const 0) "0123456789") (func $f nop) (@custom ".debug_info" "xxxx"))
            (core module (memory 1)))"#;
        let parts = Parts::of(&wat::parse_str(text).expect("valid text")).expect("a component");
        assert_eq!((parts.modules, parts.memory, parts.debug), (2, 3 * PAGE, 4));
        assert!(parts.code > 0 && parts.data >= 10 && parts.names > 0, "{parts:?}");
        assert!(Parts::of(b"nonsense").is_err());
    }
}
