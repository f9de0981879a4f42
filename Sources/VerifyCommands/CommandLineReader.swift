import VerdictReport
import WireCoding

/// The commands of the program.
enum Verb: String, Sendable, CaseIterable {
  case verifyBlob = "verify-blob"
  case verifyBlobAttestation = "verify-blob-attestation"
  case inspect
  case version
  case completion
  case manual
  case help
}

/// A command line, taken apart. Where it cannot be followed, `refusal` is the first reason; the rest has been read all
/// the same, so that `--json` counts wherever it stands.
struct ReadCommandLine {
  var verb: Verb?
  var positionals: [[UInt8]] = []
  var notices: [Notice] = []
  var refusal: Refusal?
  fileprivate(set) var values: [Flag: [UInt8]] = [:]
  fileprivate(set) var toggles: [Flag: Bool] = [:]

  func has(_ flag: Flag) -> Bool { values[flag] != nil || toggles[flag] != nil }

  func isOn(_ flag: Flag) -> Bool { toggles[flag] ?? false }

  /// Given, and not as a switch that is off.
  func asksFor(_ flag: Flag) -> Bool { values[flag] != nil || isOn(flag) }

  /// Nothing but the command and the wish for help.
  var asksForHelpAlone: Bool { positionals.isEmpty && values.isEmpty && toggles.keys.allSatisfy { $0 == .help } }

  func bytes(_ flag: Flag) -> [UInt8]? { values[flag] }

  /// Nil where the flag was not given. The reader has checked that it is UTF-8.
  func text(_ flag: Flag) -> String? {
    values[flag].flatMap { String(validating: $0, as: UTF8.self) }
  }
}

/// Takes arguments apart by cosign's grammar (spf13/pflag), but for what that grammar lets slip: unknown flags are
/// never values, no flag is given twice, no value begins with `--` or is empty.
///
///     nexo-verify [global flag…] COMMAND [flag or BLOB…] [-- BLOB]
///
/// `--flag value`, `--flag=value`; toggles `--flag`, `--flag=true`, `--flag=false`; the short forms `-d`, `-h`, `-t
/// VALUE`, `-t=VALUE`; `-bundle` is read as `--bundle`, with a warning, as cosign does. Letters cannot be joined
/// (`-dh`, `-t3m`).
struct CommandLineReader {
  private var result = ReadCommandLine()
  private var rest: ArraySlice<[UInt8]>
  private var sawVerb = false

  static func read(_ arguments: [[UInt8]]) -> ReadCommandLine {
    var reader = CommandLineReader(rest: arguments[...])
    reader.readAll()
    return reader.result
  }

  private init(rest: ArraySlice<[UInt8]>) { self.rest = rest }

  private mutating func readAll() {
    var flagsEnded = false
    while let argument = rest.popFirst() {
      let dash = UInt8(ascii: "-")
      if !flagsEnded, argument.first == dash, argument.count > 1 {
        if argument == [dash, dash] {
          flagsEnded = true
        } else {
          note { (reader) throws(Refusal) in try reader.readFlag(argument) }
        }
      } else if !sawVerb {
        sawVerb = true
        note { (reader) throws(Refusal) in reader.result.verb = try Self.verb(argument) }
      } else {
        result.positionals.append(argument)
      }
    }
  }

  private mutating func note(_ body: (inout CommandLineReader) throws(Refusal) -> Void) {
    do throws(Refusal) { try body(&self) } catch {
      if result.refusal == nil { result.refusal = error }
    }
  }

  private static func verb(_ argument: [UInt8]) throws(Refusal) -> Verb {
    let name = String(decoding: argument, as: UTF8.self)
    if let verb = Verb(rawValue: name) { return verb }
    let near = FlagTable.nearest(name, in: Verb.allCases.map(\.rawValue))
    throw Refusal(CommandFailure(.command, Terminal.quoted(name)), advice: near.map { "did you mean \($0)?" })
  }

  private mutating func readFlag(_ argument: [UInt8]) throws(Refusal) {
    let equals = argument.firstIndex(of: UInt8(ascii: "="))
    let name = String(decoding: argument[..<(equals ?? argument.endIndex)], as: UTF8.self)
    let inline = equals.map { Array(argument[($0 + 1)...]) }
    let row = try self.row(spelled: name)
    let flag = row.flag
    guard row.isGlobal || result.verb.map({ row.verbs.contains($0) }) == true else {
      throw sawVerb
        ? .usage("\(flag.spelled) is no flag of this command", advice: Self.home(of: row, besides: result.verb))
        : .usage("\(flag.spelled) stands before the command", advice: "put it behind verify-blob")
    }
    switch row.kind {
    case .toggle:
      let isOn = try Self.truth(flag, inline)
      try refuseRepetition(flag)
      result.toggles[flag] = isOn
      if isOn { try checkStanding(row) }
    case .text, .path:
      let value = try value(row, inline)
      try refuseRepetition(flag)
      result.values[flag] = value
      try checkStanding(row)
    }
  }

  private static func home(of row: FlagRow, besides verb: Verb?) -> String? {
    let homes = Verb.allCases.filter { row.verbs.contains($0) && $0 != verb }.map(\.rawValue)
    return verb == nil || homes.isEmpty ? nil : "it belongs to \(homes.joined(separator: " and "))"
  }

  /// - Parameter name: with its dashes.
  private mutating func row(spelled name: String) throws(Refusal) -> FlagRow {
    let bare = name.hasPrefix("--") ? name.dropFirst(2) : name.dropFirst()
    if name.hasPrefix("--") {
      if let row = FlagTable.row(named: bare) { return row }
    } else if let letter = bare.first, bare.utf8.count == 1 {
      if let row = FlagTable.row(short: letter) { return row }
    } else if let row = FlagTable.row(named: bare) {
      result.notices.append(Notice(.flagRewritten, "\(name) is read as -\(name); write it with two dashes"))
      return row
    }
    throw .usage(
      "there is no flag \(Terminal.quoted(name))",
      advice: FlagTable.suggestion(for: String(bare)).map { "did you mean \($0.spelled)?" })
  }

  private static func truth(_ flag: Flag, _ inline: [UInt8]?) throws(Refusal) -> Bool {
    switch inline {
    case nil, Array("true".utf8): return true
    case Array("false".utf8): return false
    case let other?:
      throw .usage(
        "\(flag.spelled) is a switch, and \(quoted(other)) is neither true nor false",
        advice: "write \(flag.spelled) or \(flag.spelled)=false")
    }
  }

  private static func quoted(_ argument: [UInt8]) -> String {
    Terminal.quoted(String(decoding: argument, as: UTF8.self))
  }

  private mutating func value(_ row: FlagRow, _ inline: [UInt8]?) throws(Refusal) -> [UInt8] {
    let spelled = row.flag.spelled
    let value: [UInt8]
    if let inline {
      value = inline
    } else if let next = rest.first, !next.starts(with: "--".utf8) {
      value = next
      rest.removeFirst()
    } else {
      // What follows is left to be read as the flag that it is.
      throw .usage(
        "\(spelled) has no value" + (rest.first.map { ": \(Self.quoted($0)) is a flag" } ?? ""))
    }
    guard !value.starts(with: "--".utf8) else {
      throw .usage("the value of \(spelled) begins with two dashes", advice: "for such a path write ./ in front")
    }
    guard !value.isEmpty || row.mayBeEmpty else { throw .usage("the value of \(spelled) is empty") }
    if case .text = row.kind, String(validating: value, as: UTF8.self) == nil {
      throw .usage("the value of \(spelled) is not UTF-8")
    }
    return value
  }

  private func refuseRepetition(_ flag: Flag) throws(Refusal) {
    guard !result.has(flag) else { throw .usage("\(flag.spelled) is given twice") }
  }

  private mutating func checkStanding(_ row: FlagRow) throws(Refusal) {
    switch row.standing {
    case .supported: break
    case .ignored(let reason):
      result.notices.append(Notice(.flagIgnored, "\(row.flag.spelled) has no effect: \(reason)"))
    case .refused(let advice): throw .usage("\(row.flag.spelled) is not taken", advice: advice)
    }
  }
}
