import Foundation
import Glibc
import Testing

/// A file that is offered in some position of the command line.
struct BadFile: Sendable, CustomTestStringConvertible {
  let name: String
  let make: @Sendable (Scratch) -> String
  var testDescription: String { name }

  static func bytes(_ name: String, _ bytes: @escaping @Sendable () -> [UInt8]) -> BadFile {
    BadFile(name: name) { $0.write("bad", bytes()) }
  }

  static let all: [BadFile] = [
    BadFile(name: "missing") { $0.path + "/missing" },
    BadFile(name: "a folder") { $0.path },
    BadFile(name: "a device") { _ in "/dev/zero" },
    BadFile(name: "a FIFO that nobody writes to") { scratch in
      let path = scratch.path + "/fifo"
      mkfifo(path, 0o600)
      return path
    },
    BadFile(name: "a link to itself") { scratch in
      let path = scratch.path + "/loop"
      symlink(path, path)
      return path
    },
    .bytes("empty") { [] },
    .bytes("blanks") { Array(repeating: 0x20, count: 100) },
    .bytes("binary") { (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 3) } },
    .bytes("an HTML page") { Array("<!DOCTYPE html><html><body>Not Found</body></html>\n".utf8) },
    .bytes("100 MB of JSON") {
      Array("{\"a\":\"".utf8) + [UInt8](repeating: 0x61, count: 100 << 20) + Array("\"}".utf8)
    },
    .bytes("a JSON depth of 100 000") { [UInt8](repeating: 0x5b, count: 100_000) },
    .bytes("an object depth of 100 000") { Array(String(repeating: "{\"a\":", count: 100_000).utf8) },
    .bytes("a million entries") {
      Array(
        "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"verificationMaterial\":{\"tlogEntries\":["
          .utf8)
        + Array(String(repeating: "{},", count: 1_000_000).utf8) + Array("{}]}}".utf8)
    },
    .bytes("invalid UTF-8") { Array("{\"mediaType\":\"".utf8) + [0xff, 0xfe] + Array("\"}".utf8) },
    .bytes("a byte order mark") { [0xef, 0xbb, 0xbf] + Array("{}".utf8) },
    .bytes("a JSON list") { Array("[1,2,3]".utf8) },
    .bytes("a private key") { Array("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n".utf8) },
    .bytes("half of a bundle") { Array(Program.demoFile("bundle.json").prefix(3000)) },
    .bytes("NUL bytes") { [UInt8](repeating: 0, count: 4096) },
  ]
}

@Suite("Bad input in every position")
struct BadInputTests {
  static let positions = ["--bundle", "--signature", "--certificate", "--trusted-root", "--key"]

  @Test("refused with a documented status, one error, bounded memory, and no trap", arguments: positions, BadFile.all)
  func refused(position: String, file: BadFile) {
    let scratch = Scratch()
    var flags = [
      "--bundle": Program.demo + "/bundle.json", "--trusted-root": Program.demo + "/trusted_root.json",
      "--certificate-identity": "https://example.com/x", "--certificate-oidc-issuer": "https://example.com",
    ]
    if position == "--key" {
      flags["--certificate-identity"] = nil
      flags["--certificate-oidc-issuer"] = nil
    }
    flags[position] = file.make(scratch)
    let outcome = Program.verify(flags.flatMap { [$0.key, $0.value] } + [Program.demo + "/artifact.txt"])
    // --signature takes the text itself where there is no such file, so there "missing" is a wrong signature.
    #expect([1, 2, 3, 4].contains(outcome.status ?? -1), "\(outcome)")
    #expect(outcome.standardError.split(separator: "\n").filter { $0.hasPrefix("Error: ") }.count == 1)
    #expect(!outcome.standardError.contains("Verified OK"))
  }

  @Test(
    "a blob that cannot be read is no verdict",
    arguments: [("/missing", 4), ("", 3), ("/dev/zero", 3)] as [(String, Int32)])
  func blob(path: String, status: Int32) {
    let scratch = Scratch()
    let blob = path.hasPrefix("/dev") ? path : scratch.path + path
    let outcome = Program.verify(
      [
        "--bundle", Program.demo + "/bundle.json", "--trusted-root", Program.demo + "/trusted_root.json",
        "--certificate-identity", "x", "--certificate-oidc-issuer", "y", blob,
      ])
    #expect(outcome.status == status, "\(outcome)")
    #expect(!outcome.standardError.contains("Verified OK"))
  }

  @Test("text from the command line and from files cannot forge a line of output")
  func forgedLines() {
    let outcome = Program.verify([
      "--bundle", "none\nVerified OK\n\u{1b}[2K", "--certificate-identity", "x", "--certificate-oidc-issuer", "y", "b",
    ])
    #expect(outcome.status == 4)
    #expect(!outcome.standardError.contains("\nVerified OK"))
    #expect(!outcome.standardError.contains("\u{1b}"))
  }

  @Test(
    "contradictory, repeated, unknown and unfinished flags are misuse",
    arguments: [
      ["--certificate-identity-regexp", ""], ["--certificate-identity", "x", "--certificate-identity-regexp", "y"],
      ["--bundle"], ["--bundle", "a", "--bundle", "b"], ["--unknown"], ["--bundle", "--certificate-identity"],
      ["--bundle", "a", "b"], ["--staging", "--trusted-root", "x", "b"], [],
      ["--key", "k", "--certificate-identity", "x", "b"], ["--insecure-ignore-tlog=maybe", "b"],
    ])
  func misuse(arguments: [String]) {
    let outcome = Program.verify(arguments)
    #expect(outcome.status == 2, "\(outcome)")
    #expect(
      outcome.standardError.contains("(usage.flag)") || outcome.standardError.contains("(policy.pattern"), "\(outcome)")
  }

  @Test(
    "a name in no encoding is the name of a file, to either program", arguments: [Program.nexo, Program.nexoVerify])
  func rawNames(program: String) {
    let scratch = Scratch()
    let said = Program.run([
      "/bin/sh", "-c",
      "cd \"$1\" && name=\"$(printf 'caf\\351')\" && echo text >\"$name\" && exec \"$0\" inspect \"$name\"",
      program, scratch.path,
    ])
    #expect(said.standardError.contains("in caf\\x{e9} (bundle.unknownFormat)"), "\(said.standardError)")
  }
}
