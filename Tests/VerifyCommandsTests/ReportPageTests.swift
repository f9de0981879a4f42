import Foundation
import RekorCheck
import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

@Suite("--report and --explain")
struct ReportPageTests {
  private let signed = SignedFolder()

  private func page(_ more: [String] = [], _ name: String = "page.html") throws -> (run: TestRun, html: String) {
    let run = signed.verify(
      signed.bundle + signed.signer + more + ["--report", signed.path(name), signed.blob])
    return (run, try String(contentsOfFile: signed.path(name), encoding: .utf8))
  }

  private static let sections = ["verdict", "facts", "chain", "times", "log", "checks", "command"]

  @Test("a yes: every part is there, and the page stands for itself")
  func yes() throws {
    let (run, html) = try page()
    #expect(run.status == 0)
    for id in Self.sections { #expect(html.contains("id=\"\(id)\""), "\(id)") }
    #expect(html.contains("<h1>Verified</h1>") && !html.contains("Refused"))
    #expect(html.contains(SignedFolder.identity))
    #expect(html.contains("the path leads to its root; the log signed it"))
    for text in ["<script", "src=", "href=", "url(", "@import", "<iframe", "javascript:"] {
      #expect(!html.contains(text), "\(text)")
    }
    #expect(html.contains("default-src 'none'"))
    // The command, as it was given.
    #expect(html.contains("nexo-verify verify-blob --trusted-root"))
  }

  @Test("a no: the code, what was got and wanted, and what the material claims, called so")
  func no() throws {
    signed.folder.write("blob", Array("another artifact\n".utf8))
    let (run, html) = try page()
    #expect(run.status == 1)
    #expect(html.contains("<h1>Refused</h1>") && html.contains("signature.mismatch"))
    #expect(html.contains("claims to be"))
    for id in Self.sections { #expect(html.contains("id=\"\(id)\""), "\(id)") }
    #expect(html.contains("not reached"))
  }

  @Test("text from outside is text, whatever it is")
  func hostile() throws {
    var world = VirtualSigstore()
    var leaf = world.leafRequest()
    let name = "https://x.test/<script>alert(1)</script>'\"&amp;\u{202e}\u{7}"
    leaf.names = [.uri("https://x.test/<script>alert(1)</script>'&amp;")]
    leaf.claims[4] = name
    let material = world.sign(Array("an artifact\n".utf8), as: leaf)
    signed.folder.write("bundle.json", material.bundle().bytes)
    let (run, html) = try page(["--certificate-github-workflow-name", "</pre><script>"])
    #expect(run.status != 0)
    #expect(!html.contains("<script") && !html.contains("\u{202e}") && !html.contains("\u{7}"))
    #expect(html.contains("&lt;script&gt;"))
  }

  @Test("the line to repeat it is one command, whatever the file is called")
  func quoting() throws {
    let name = "x'\u{301}; echo PWNED; echo '"
    signed.folder.write(name, Array("an artifact\n".utf8))
    let run = signed.verify(
      signed.bundle + signed.signer + ["--report", signed.path("page.html"), signed.path(name)])
    #expect(run.status == 0, "\(run.errors)")
    let html = try String(contentsOfFile: signed.path("page.html"), encoding: .utf8)
    let start = try #require(html.range(of: "id=\"command\""))
    var line = String(html[start.upperBound...].split(separator: "<pre>")[1].split(separator: "</pre>")[0])
    for (entity, sign) in [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
      line = line.replacingOccurrences(of: entity, with: sign, options: .literal)
    }
    let shell = Process()
    let pipe = Pipe()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "printf '<%s>\\n'" + line.dropFirst("nexo-verify".count)]
    shell.environment = ["PATH": "/bin:/usr/bin"]
    shell.standardOutput = pipe
    try shell.run()
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    shell.waitUntilExit()
    let words = said.split(separator: "\n")
    #expect(shell.terminationStatus == 0 && words.count == 12, "\(said)")
    #expect(words.allSatisfy { $0.hasPrefix("<") && $0.hasSuffix(">") }, "each is a word that was given: \(said)")
    #expect(words.last?.contains("; echo PWNED; echo ") == true, "\(said)")
  }

  @Test("of several entries only the one that a believed log signed is called so")
  func severalLogs() throws {
    var stranger = VirtualSigstore(seed: "a stranger's")
    stranger.rekor.append([1])
    var foreign = stranger.sign(Array("an artifact\n".utf8))
    let origin = signed.material.checkpoint.split(separator: "\n").first.map(String.init)
    foreign.checkpoint = stranger.rekor.checkpoint(origin: origin)
    var draft = signed.material.bundle()
    draft["verificationMaterial.tlogEntries"] = .array([signed.material.entry, foreign.entry])
    signed.folder.write("bundle.json", draft.bytes)
    let (run, html) = try page()
    #expect(run.status == 0 && run.errors.contains("log.unknownIgnored"), "\(run.errors)")
    #expect(html.components(separatedBy: "the path leads to its root; the log signed it").count == 2)
    #expect(
      html.components(separatedBy: "that a log that is believed signed it was not established").count == 2)
    #expect(html.components(separatedBy: "<li class=\"yes\"><b>checkpoint").count == 2)
  }

  @Test("an output never takes the place of what is read, nor of another output")
  func overwriting() throws {
    try FileManager.default.createSymbolicLink(atPath: signed.path("link"), withDestinationPath: "blob")
    signed.folder.write("chain.pem", [1])
    let root = signed.root
    for (flag, name) in [
      ("--report", "blob"), ("--write-bundle", "blob"), ("--report", "link"), ("--write-bundle", "bundle.json"),
      ("--report", "root.json"), ("--report", "./blob"), ("--report", "blob.sig"),
    ] {
      let run = signed.verify(signed.bundle + signed.signer + [flag, signed.path(name), signed.blob])
      #expect(run.status == 2 && run.code == "usage.flag", "\(flag) \(name): \(run.errors)")
    }
    #expect(signed.verify(signed.bundle + signed.signer + ["--report", "-", signed.blob]).code == "usage.flag")
    let variable = signed.verify(
      signed.bundle + signed.signer + ["--report", signed.path("chain.pem"), signed.blob],
      variables: ["SIGSTORE_ROOT_FILE=\(signed.path("chain.pem"))"])
    #expect(variable.status == 2)
    for names in [("x", "x"), ("x", "./x"), ("x", "../\(signed.folder.path.split(separator: "/").last ?? "")/x")] {
      let run = signed.verify(
        signed.bundle + signed.signer + [
          "--report", signed.path(names.0), "--write-bundle", signed.path(names.1), signed.blob,
        ])
      #expect(run.status == 2 && run.code == "usage.flag", "\(names): \(run.errors)")
    }
    #expect(FileManager.default.contents(atPath: signed.blob) == Data("an artifact\n".utf8))
    #expect(FileManager.default.contents(atPath: signed.path("bundle.json")) == Data(signed.material.bundle().bytes))
    #expect(FileManager.default.contents(atPath: root) == Data(VirtualSigstore().trustedRoot().bytes))
    #expect(!FileManager.default.fileExists(atPath: signed.path("x")))
    let fine = signed.verify(
      signed.bundle + signed.signer + ["--report", signed.path("x"), "--write-bundle", signed.path("y"), signed.blob])
    #expect(fine.status == 0, "\(fine.errors)")
  }

  @Test("a promise alone, a managed key, an envelope: each page is made")
  func shapes() throws {
    let legacy = signed.verify(
      ["--bundle", signed.path("legacy.bundle"), "--report", signed.path("l.html")] + signed.signer + [signed.blob])
    #expect(legacy.status == 0)
    #expect(try String(contentsOfFile: signed.path("l.html"), encoding: .utf8).contains("promise alone"))
    let managed = SignedFolder(key: VirtualKey(.p256, seed: "managed"))
    let run = managed.verify(
      managed.bundle + ["--key", managed.path("key.pub"), "--report", managed.path("k.html"), managed.blob])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try String(contentsOfFile: managed.path("k.html"), encoding: .utf8).contains("managed key"))
  }

  @Test("material that cannot be read makes a page too: one of an earlier yes must not stay")
  func unreadable() throws {
    #expect(try page().html.contains("<h1>Verified</h1>"))
    signed.folder.write("bundle.json", Array("{".utf8))
    let (run, html) = try page()
    #expect(run.status == 3 && html.contains("<h1>Refused</h1>") && !html.contains("Verified"))
    #expect(html.contains("id=\"checks\"") && html.contains("not reached"))
  }

  @Test("a page that cannot be written is an error, and no verdict stands without it")
  func unwritable() throws {
    let run = signed.verify(
      signed.bundle + signed.signer + ["--report", signed.folder.path + "/none/x.html", signed.blob])
    #expect(run.status == 4 && run.code == "output.unwritable")
    #expect(!run.errors.contains("Verified OK"))
    let many = signed.verify(signed.signer + ["--report", signed.path("x.html"), signed.blob, signed.blob])
    #expect(many.status == 2)
  }

  @Test("--explain prints the steps in the order of the recipe, on standard output")
  func explain() throws {
    let run = signed.verify(signed.bundle + signed.signer + ["--explain", signed.blob])
    #expect(run.status == 0 && run.lines.last == "Verified OK")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "VERIFIED")
    let questions = lines.filter { $0.hasPrefix("[") }
    #expect(questions.count == 9 && questions.dropFirst().allSatisfy { $0.hasPrefix("[yes] ") })
    signed.folder.write("blob", Array("another artifact\n".utf8))
    let refused = signed.verify(signed.bundle + signed.signer + ["--explain", signed.blob])
    #expect(
      refused.output.hasPrefix("REFUSED: ") && refused.output.contains("[NO]  Is the signature over this very file?"))
    #expect(refused.output.contains("[ ? ] Is that what was logged?\n    not reached"))
    #expect(signed.verify(signed.bundle + signed.signer + ["--explain", "--json", signed.blob]).status == 2)
    #expect(
      signed.verify(signed.bundle + signed.signer + ["--explain", signed.blob], outputFails: true).status == 4)
  }

  @Test("another name: where the two part, and the tightest pattern for it")
  func difference() throws {
    let wanted = "https://github.com/example/plugin/.github/workflows/release.yml@refs/tags/v1.0.9"
    let run = signed.verify(
      signed.bundle + ["--certificate-identity", wanted, "--certificate-oidc-issuer", SignedFolder.issuer, signed.blob])
    #expect(run.code == "identity.mismatch")
    let mark = try #require(run.lines.firstIndex { $0.hasPrefix("want: ") })
    #expect(run.lines[mark - 1] == "got:  " + SignedFolder.identity)
    #expect(run.lines[mark + 1] == String(repeating: " ", count: 6 + 79) + "^ here they part, at character 80")
    let pattern =
      "'^https://github\\.com/example/plugin/\\.github/workflows/release\\.yml@refs/tags/v[0-9]+\\.[0-9]+\\.[0-9]+[0-9A-Za-z.+-]*$'"
    #expect(run.lines.contains { $0.hasSuffix(pattern) })
    let issuer = signed.verify(
      signed.bundle + [
        "--certificate-identity", SignedFolder.identity, "--certificate-oidc-issuer", SignedFolder.issuer + "/",
        signed.blob,
      ])
    #expect(issuer.code == "identity.issuerMismatch" && issuer.lines.contains { $0.contains("^ here they part") })
    // A pattern is no text to compare character by character.
    let regexp = signed.verify(
      signed.bundle + [
        "--certificate-identity-regexp", "^https://x$", "--certificate-oidc-issuer", SignedFolder.issuer, signed.blob,
      ])
    #expect(!regexp.lines.contains { $0.contains("here they part") })
  }

  @Test("with a stale trusted root, what it does not know is called newer, not forged")
  func stale() throws {
    let run = TestRun.run(
      ["verify-blob"] + signed.bundle + signed.signer + [signed.blob], now: 1_900_000_000)
    #expect(run.code == "log.unknown")
    #expect(run.lines.contains { $0.hasPrefix("hint: the trusted root is stale") && $0.contains("not forged") })
    let fresh = TestRun.run(["verify-blob"] + signed.bundle + signed.signer + [signed.blob], now: 1_787_400_000)
    #expect(!fresh.lines.contains { $0.contains("not forged") })
  }

  @Test("the levels of a Merkle path end at the root, on the sides where the siblings are")
  func levels() throws {
    let world = VirtualSigstore()
    for index in 0..<11 as Range<UInt64> {
      let leaf = HashName.sha256([0] + world.rekor.leaves[Int(index)])
      let levels = MerkleProof.levels(
        leafHash: leaf, index: index, treeSize: 11, hashes: world.rekor.path(index))
      #expect(levels.last?.node == world.rekor.root())
      #expect(levels.map(\.sibling) == world.rekor.path(index))
      #expect(MerkleProof.levels(leafHash: leaf, index: index, treeSize: 11, hashes: []).isEmpty)
    }
  }
}
