/// What processor and system a program file is made for, by its first bytes: ELF (System V ABI, 4) and Mach-O.
struct NativePlatform: Sendable, Hashable {
  enum System: String { case linux, darwin }

  let system: System
  /// Nil for one that no target of ours names, and for a file for several.
  let processor: String?

  /// Nil for what is no native program, such as a script: it runs wherever its interpreter does.
  init?(programBeginningWith bytes: [UInt8]) {
    let head = Array(bytes.prefix(20))
    guard head.count == 20 else { return nil }
    switch Array(head.prefix(4)) {
    case [0x7f, 0x45, 0x4c, 0x46]:
      system = .linux
      // e_machine, in the byte order that e_ident[EI_DATA] says.
      let machine = head[5] == 2 ? Int(head[18]) << 8 | Int(head[19]) : Int(head[19]) << 8 | Int(head[18])
      processor = [62: "x86_64", 183: "aarch64"][machine] ?? "machine \(machine)"
    case [0xcf, 0xfa, 0xed, 0xfe]:
      system = .darwin
      let type = (0..<4).reduce(0) { $0 | Int(head[4 + $1]) << (8 * $1) }
      processor = [0x0100_0007: "x86_64", 0x0100_000c: "aarch64"][type] ?? "machine \(type)"
    case [0xca, 0xfe, 0xba, 0xbe]:
      system = .darwin
      processor = nil
    default: return nil
    }
  }

  /// True for a target that names neither, such as `noarch`: such a build may well hold a program for one system only.
  func runs(on target: String) -> Bool {
    let parts = target.split(separator: "-")
    if let first = parts.first, ["x86_64", "aarch64"].contains(first), let processor, processor != first {
      return false
    }
    if parts.contains("linux") { return system == .linux }
    if parts.contains("darwin") { return system == .darwin }
    return true
  }

  var description: String { "\(processor ?? "several processors") \(system.rawValue)" }
}
