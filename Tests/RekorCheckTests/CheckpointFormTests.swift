import RekorCheck
import Testing
import VirtualSigstore
import WireCoding

/// One edit of a good checkpoint, and nothing else wrong with it.
struct CheckpointEdit: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let edit: @Sendable (inout CheckpointParts) -> Void

  init(_ name: String, _ edit: @escaping @Sendable (inout CheckpointParts) -> Void) {
    testDescription = name
    self.edit = edit
  }
}

struct CheckpointParts {
  var lines = ["log.example - 1", "14", Encoding.base64([UInt8](repeating: 7, count: 32))]
  var lineEnd = "\n"
  var border = "\n"
  var dash = "— "
  var name = "log.example"
  var space = " "
  var blob = Encoding.base64([1, 2, 3, 4, 5])
  var signatureEnd = "\n"
  var before = ""
  var after = ""

  var text: String {
    before + lines.map { $0 + lineEnd }.joined() + border + dash + name + space + blob + signatureEnd + after
  }
}

@Suite("The form of checkpoints")
struct CheckpointFormTests {
  private static let good: [CheckpointEdit] = [
    CheckpointEdit("as it is") { _ in },
    CheckpointEdit("a line below the root") { $0.lines.append("Timestamp: 1693323623528968756") },
    CheckpointEdit("an origin with blanks and umlauts") { $0.lines[0] = " lög of ours  " },
    CheckpointEdit("an empty tree") { $0.lines[1] = "0" },
    CheckpointEdit("the largest size") { $0.lines[1] = "18446744073709551615" },
    CheckpointEdit("a key name with umlauts") { $0.name = "lög" },
    CheckpointEdit("two signatures of one name and two hints") {
      $0.after = "— log.example \(Encoding.base64([9, 2, 3, 4, 5]))\n"
    },
    CheckpointEdit("64 signature lines") { $0.after = [String](repeating: "— a AQIDBAU=\n", count: 63).joined() },
  ]

  private static let bad: [CheckpointEdit] = [
    CheckpointEdit("no origin") { $0.lines[0] = "" },
    CheckpointEdit("no root") { $0.lines.removeLast() },
    CheckpointEdit("neither size nor root") { $0.lines.removeLast(2) },
    CheckpointEdit("size and root change places") { $0.lines.swapAt(1, 2) },
    CheckpointEdit("an empty size") { $0.lines[1] = "" },
    CheckpointEdit("a size with a leading zero") { $0.lines[1] = "014" },
    CheckpointEdit("a size with a plus sign") { $0.lines[1] = "+14" },
    CheckpointEdit("a negative size") { $0.lines[1] = "-14" },
    CheckpointEdit("minus zero") { $0.lines[1] = "-0" },
    CheckpointEdit("a hexadecimal size") { $0.lines[1] = "0xe" },
    CheckpointEdit("a size with a fraction") { $0.lines[1] = "14.0" },
    CheckpointEdit("a size with a blank in front") { $0.lines[1] = " 14" },
    CheckpointEdit("a size with a blank behind") { $0.lines[1] = "14 " },
    CheckpointEdit("a size in Arabic digits") { $0.lines[1] = "١٤" },
    CheckpointEdit("a size of 2^64") { $0.lines[1] = "18446744073709551616" },
    CheckpointEdit("a root of 31 bytes") { $0.lines[2] = Encoding.base64([UInt8](repeating: 7, count: 31)) },
    CheckpointEdit("a root of 33 bytes") { $0.lines[2] = Encoding.base64([UInt8](repeating: 7, count: 33)) },
    CheckpointEdit("a root without padding") { $0.lines[2].removeLast() },
    CheckpointEdit("a root of the URL alphabet") {
      $0.lines[2] = Encoding.base64([UInt8](repeating: 0xff, count: 32)).replacing("/", with: "_")
    },
    CheckpointEdit("a root with tail bits") { $0.lines[2] = $0.lines[2].dropLast(2) + "d=" },
    CheckpointEdit("a root with a blank behind") { $0.lines[2] += " " },
    CheckpointEdit("an empty line in the text") { $0.lines.insert("", at: 1) },
    CheckpointEdit("an empty line below the root") { $0.lines += ["", "more"] },
    CheckpointEdit("an empty line in front") { $0.before = "\n" },
    CheckpointEdit("lines that end as on Windows") { $0.lineEnd = "\r\n" },
    CheckpointEdit("a signature line that ends as on Windows") { $0.signatureEnd = "\r\n" },
    CheckpointEdit("a tab in the origin") { $0.lines[0] = "log\texample" },
    CheckpointEdit("a NUL in the origin") { $0.lines[0] = "log\u{0}example" },
    CheckpointEdit("an escape in a line below the root") { $0.lines.append("\u{1b}[2J") },
    CheckpointEdit("no blank line") { $0.border = "" },
    CheckpointEdit("two blank lines") { $0.border = "\n\n" },
    CheckpointEdit("a tab for the blank line") { $0.border = "\t\n" },
    CheckpointEdit("a blank in the blank line") { $0.border = " \n" },
    CheckpointEdit("no newline at the end") { $0.signatureEnd = "" },
    CheckpointEdit("two newlines at the end") { $0.signatureEnd = "\n\n" },
    CheckpointEdit("a hyphen for the dash") { $0.dash = "- " },
    CheckpointEdit("an en dash") { $0.dash = "– " },
    CheckpointEdit("no dash") { $0.dash = "" },
    CheckpointEdit("no blank behind the dash") { $0.dash = "—" },
    CheckpointEdit("two blanks behind the dash") { $0.dash = "—  " },
    CheckpointEdit("a no-break space behind the dash") { $0.dash = "—\u{a0}" },
    CheckpointEdit("no key name") { $0.name = "" },
    CheckpointEdit("a plus sign in the key name") { $0.name = "log+example" },
    CheckpointEdit("a blank in the key name") { $0.name = "log example" },
    CheckpointEdit("two blanks in front of the signature") { $0.space = "  " },
    CheckpointEdit("a tab in front of the signature") { $0.space = "\t" },
    CheckpointEdit("no signature") { $0.blob = "" },
    CheckpointEdit("a hint alone") { $0.blob = Encoding.base64([1, 2, 3, 4]) },
    CheckpointEdit("less than a hint") { $0.blob = Encoding.base64([1, 2, 3]) },
    CheckpointEdit("a signature without padding") { $0.blob.removeLast() },
    CheckpointEdit("a signature with a blank behind") { $0.blob += " " },
    CheckpointEdit("junk behind the last line") { $0.after = "junk" },
    CheckpointEdit("a junk line behind the last line") { $0.after = "junk\n" },
    CheckpointEdit("a malformed second line") { $0.after = "— witness !!!!\n" },
    CheckpointEdit("signatures in front of the text") {
      let line = $0.dash + $0.name + $0.space + $0.blob + "\n"
      $0.before = line + "\n"
      ($0.border, $0.dash, $0.name, $0.space, $0.blob, $0.signatureEnd) = ("", "", "", "", "", "")
    },
    CheckpointEdit("65 signature lines") { $0.after = [String](repeating: "— a AQIDBAU=\n", count: 64).joined() },
    CheckpointEdit("4000 signature lines") { $0.after = [String](repeating: "— a AQIDBAU=\n", count: 3999).joined() },
    CheckpointEdit("10 000 signature lines") { $0.after = [String](repeating: "— a AQIDBAU=\n", count: 9999).joined() },
    CheckpointEdit("a megabyte of text") { $0.lines.append(String(repeating: "x", count: 1 << 20)) },
  ]

  private func parsed(_ edit: CheckpointEdit) throws(RekorFailure) -> Checkpoint {
    var parts = CheckpointParts()
    edit.edit(&parts)
    return try Checkpoint(parsing: parts.text)
  }

  @Test("case 19: what a checkpoint may hold", arguments: good)
  func accepted(edit: CheckpointEdit) {
    #expect(throws: Never.self) { _ = try parsed(edit) }
  }

  @Test("case 19: what makes a checkpoint malformed", arguments: bad)
  func malformed(edit: CheckpointEdit) {
    let failure = #expect(throws: RekorFailure.self) { _ = try parsed(edit) }
    #expect(failure?.code == .checkpointMalformed)
  }

  @Test("the fields are those of the first three lines")
  func fields() throws {
    let checkpoint = try parsed(CheckpointEdit("") { $0.lines.append("15") })
    #expect(checkpoint.origin == "log.example - 1")
    #expect(checkpoint.treeSize == 14)
    #expect(checkpoint.rootHash == [UInt8](repeating: 7, count: 32))
  }
}
