import Testing
import WireCoding

@testable import VerifyCommands

private func read(_ arguments: [String]) -> ReadCommandLine {
  CommandLineReader.read(arguments.map { Array($0.utf8) })
}

@Suite("The reader of the command line")
struct CommandLineReaderTests {
  static let valued = FlagTable.rows.filter { $0.kind != .toggle }
  static let toggles = FlagTable.rows.filter { $0.kind == .toggle }

  /// What a row does with a flag that is set and well-formed.
  private func expectStanding(_ row: FlagRow, _ line: ReadCommandLine) {
    switch row.standing {
    case .supported:
      #expect(line.refusal == nil)
      #expect(line.notices.isEmpty)
    case .ignored(let reason):
      #expect(line.refusal == nil)
      #expect(line.notices.count == 1)
      #expect(line.notices.first?.code == "usage.flagIgnored")
      #expect(line.notices.first?.text.contains(reason) == true)
    case .refused(let advice):
      #expect(line.refusal?.code == "usage.flag")
      #expect(line.refusal?.detail?.contains(row.flag.spelled) == true)
      #expect(line.refusal?.advice == advice)
    }
  }

  @Test("every flag has one row, and every row a flag")
  func table() {
    #expect(FlagTable.rows.map(\.flag.rawValue).sorted() == Flag.allCases.map(\.rawValue).sorted())
    let letters = FlagTable.rows.compactMap(\.short)
    #expect(Set(letters).count == letters.count)
    // What is not supported is not offered.
    #expect(FlagTable.rows.allSatisfy { $0.standing == .supported || $0.help == nil })
  }

  @Test("a value behind a blank, before and behind the blob", arguments: valued)
  func spacedValue(row: FlagRow) {
    for arguments in [
      [row.home, row.flag.spelled, "value", "blob"], [row.home, "blob", row.flag.spelled, "value"],
    ] {
      let line = read(arguments)
      expectStanding(row, line)
      #expect(line.bytes(row.flag) == Array("value".utf8))
      #expect(line.positionals == [Array("blob".utf8)])
    }
  }

  @Test("a value behind an equals sign; the value may hold another", arguments: valued)
  func joinedValue(row: FlagRow) {
    let line = read([row.home, "\(row.flag.spelled)=a=b -c", "blob"])
    expectStanding(row, line)
    #expect(line.bytes(row.flag) == Array("a=b -c".utf8))
    #expect(line.positionals == [Array("blob".utf8)])
  }

  @Test("one dash and a long name: read as two, with a warning", arguments: FlagTable.rows)
  func oneDash(row: FlagRow) {
    let line = read([row.home, "-" + row.flag.rawValue] + (row.kind == .toggle ? [] : ["value"]))
    #expect(line.has(row.flag))
    #expect(line.notices.first?.code == "usage.flagRewritten")
  }

  @Test("no value: the end, another flag, the end of flags", arguments: valued)
  func missingValue(row: FlagRow) {
    for rest in [[], ["--json"], ["--"], ["--json=true"], ["--unheard-of"]] {
      let line = read([row.home, row.flag.spelled] + rest)
      #expect(line.refusal?.code == "usage.flag")
      #expect(line.refusal?.detail?.hasPrefix("\(row.flag.spelled) has no value") == true)
      #expect(!line.has(row.flag))
    }
    // What follows is still read as what it is.
    #expect(read([row.home, row.flag.spelled, "--json"]).isOn(.json))
  }

  @Test("a value that begins with two dashes", arguments: valued)
  func dashedValue(row: FlagRow) {
    let refusal = read([row.home, "\(row.flag.spelled)=--x"]).refusal
    #expect(refusal?.detail == "the value of \(row.flag.spelled) begins with two dashes")
    #expect(refusal?.code == "usage.flag")
  }

  @Test("an empty value", arguments: valued)
  func emptyValue(row: FlagRow) {
    for arguments in [["\(row.flag.spelled)="], [row.flag.spelled, ""]] {
      let line = read([row.home] + arguments)
      if row.mayBeEmpty {
        expectStanding(row, line)
      } else {
        #expect(line.refusal?.detail == "the value of \(row.flag.spelled) is empty")
        #expect(line.refusal?.code == "usage.flag")
      }
    }
  }

  @Test("text has to be UTF-8, a path need not be", arguments: valued)
  func invalidText(row: FlagRow) {
    let line = CommandLineReader.read([Array(row.home.utf8), Array(row.flag.spelled.utf8), [0x61, 0xff]])
    if case .text = row.kind {
      #expect(line.refusal?.detail == "the value of \(row.flag.spelled) is not UTF-8")
    } else {
      expectStanding(row, line)
      #expect(line.bytes(row.flag) == [0x61, 0xff])
    }
  }

  @Test("a flag given twice, in whatever form", arguments: FlagTable.rows.filter { $0.standing == .supported })
  func repeated(row: FlagRow) {
    let once = row.kind == .toggle ? [row.flag.spelled] : [row.flag.spelled, "value"]
    let again = row.kind == .toggle ? "\(row.flag.spelled)=false" : "\(row.flag.spelled)=value"
    let line = read([row.home] + once + [again])
    #expect(line.refusal?.detail == "\(row.flag.spelled) is given twice")
    #expect(line.refusal?.code == "usage.flag")
  }

  @Test("a switch: bare, true, false, and nothing else", arguments: toggles)
  func toggle(row: FlagRow) {
    for argument in [row.flag.spelled, "\(row.flag.spelled)=true"] {
      let line = read([row.home, argument, "blob"])
      expectStanding(row, line)
      #expect(line.isOn(row.flag))
      #expect(line.positionals == [Array("blob".utf8)])
    }
    let off = read([row.home, "\(row.flag.spelled)=false"])
    #expect(off.refusal == nil)
    #expect(off.has(row.flag) && !off.isOn(row.flag))
    for value in ["", "maybe", "1", "TRUE", "--true"] {
      #expect(read([row.home, "\(row.flag.spelled)=\(value)"]).refusal?.code == "usage.flag")
    }
  }

  @Test("the short forms")
  func shortForms() {
    #expect(read(["-d", "verify-blob"]).isOn(.verbose))
    #expect(read(["-d=false", "verify-blob"]).toggles[.verbose] == false)
    #expect(read(["verify-blob", "-h"]).isOn(.help))
    #expect(read(["-t", "3m", "verify-blob"]).text(.timeout) == "3m")
    #expect(read(["-t=3m", "verify-blob"]).text(.timeout) == "3m")
    for argument in ["-dh", "-t3m", "-x", "-é", "-=x", "--=x", "---bundle", "-d "] {
      #expect(read(["verify-blob", argument]).refusal?.code == "usage.flag", "\(argument)")
    }
  }

  @Test("global flags stand before the command, the others behind it", arguments: FlagTable.rows)
  func beforeTheCommand(row: FlagRow) {
    let flag = row.kind == .toggle ? [row.flag.spelled] : [row.flag.spelled, "value"]
    let line = read(flag + [row.home, "blob"])
    #expect(line.verb == (row.isGlobal || row.kind == .toggle ? Verb(rawValue: row.home) : nil))
    if row.isGlobal {
      expectStanding(row, line)
      #expect(line.has(row.flag))
    } else {
      #expect(line.refusal?.detail == "\(row.flag.spelled) stands before the command")
      #expect(!line.has(row.flag))
      #expect(read(["version"] + flag).refusal?.detail == "\(row.flag.spelled) is no flag of this command")
    }
  }

  @Test("two dashes end the flags; one dash is standard input")
  func endOfFlags() {
    let line = read(["verify-blob", "--json", "--", "--bundle", "-"])
    #expect(line.refusal == nil)
    #expect(line.isOn(.json))
    #expect(line.positionals == [Array("--bundle".utf8), Array("-".utf8)])
    #expect(read(["verify-blob", "-"]).positionals == [Array("-".utf8)])
    #expect(read(["verify-blob", "--", "--json"]).isOn(.json) == false)
    #expect(read(["verify-blob", ""]).positionals == [[]])
  }

  @Test(
    "an unknown flag, with the one that was probably meant",
    arguments: [
      ("--bundel", "--bundle"), ("--certificate-identty", "--certificate-identity"), ("--stagging=true", "--staging"),
      ("--trusted-rot", "--trusted-root"), ("-bundel", "--bundle"),
      ("--certificate-github-workflow-re", "--certificate-github-workflow-ref"), ("--no-such-thing-at-all", nil),
      ("--" + String(repeating: "bundle", count: 20000), nil), ("--cert", nil),
    ] as [(String, String?)])
  func unknown(argument: String, meant: String?) {
    let refusal = read(["verify-blob", argument, "blob"]).refusal
    #expect(refusal?.code == "usage.flag")
    #expect(refusal?.detail?.hasPrefix("there is no flag ") == true)
    if let meant {
      #expect(refusal?.advice == "did you mean \(meant)?")
    } else {
      #expect(refusal?.advice == CommandCode.flag.advice)
    }
  }

  @Test("the first refusal is told, and --json counts wherever it stands")
  func firstRefusal() {
    let line = read(["verify-blob", "--one", "--two", "--bundle", "--json"])
    #expect(line.refusal?.detail == "there is no flag \"--one\"")
    #expect(line.isOn(.json))
  }

  @Test("commands that are not there", arguments: ["verify-blb", "verify", "", "sign-blob"])
  func unknownCommand(name: String) {
    let line = read([name, "--json"])
    #expect(line.verb == nil)
    #expect(line.refusal?.code == "usage.command")
    #expect(line.refusal?.blame == .misused)
    #expect(line.isOn(.json))
    if name == "verify-blb" { #expect(line.refusal?.advice == "did you mean verify-blob?") }
  }
}

extension FlagRow {
  /// A command that knows the flag.
  fileprivate var home: String { (verbs.contains(.verifyBlob) ? Verb.verifyBlob : .verifyBlobAttestation).rawValue }
}
