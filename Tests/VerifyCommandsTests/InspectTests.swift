import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

/// `inspect`: everything that a file says, and nothing about whether it is true.
@Suite("inspect")
struct InspectTests {
  private let folder = TestFolder()

  private func inspect(_ files: [String], json: Bool = false) -> TestRun {
    TestRun.run(["inspect"] + (json ? ["--json"] : []) + files)
  }

  private func contents(_ file: [UInt8]) throws -> JSONNode {
    let run = inspect([folder.write("file", file)], json: true)
    #expect(run.status == 0, "\(run.output)")
    #expect(try run.json.field("schema").string() == "nexo-inspect/1")
    #expect(try run.json.field("verified").bool() == false)
    return try run.json.field("contents")
  }

  @Test("a bundle: signer, claims, entry, proof, checkpoint, stamp, and the command that would verify it")
  func bundle() throws {
    var world = VirtualSigstore()
    world.useTiledLog()
    let material = world.sign([1, 2, 3])
    let contents = try contents(material.bundle().bytes)
    #expect(try contents.field("kind").string() == "Sigstore bundle v0.3")
    let signer = try contents.field("signer")
    #expect(try signer.field("identity").string() == VirtualSigstore.identity)
    #expect(try signer.field("oidcIssuer").string() == VirtualSigstore.issuer)
    #expect(try signer.field("claims").field("GitHub Workflow Repository").string() == "example/plugin")
    #expect(try signer.field("certificate timestamp").elements(atMost: 9).count == 1)
    let entry = try #require(try contents.field("log entry").elements(atMost: 9).first)
    #expect(try entry.field("entryKind").string() == "hashedrekord 0.0.2")
    #expect(try entry.field("logIndex").string() == String(material.globalIndex))
    #expect(try entry.field("checkpoint").field("origin").string() == world.rekor.host)
    #expect(try entry.field("inclusion proof").field("treeSize").string() == String(material.treeSize))
    let stamp = try #require(try contents.field("timestamp").elements(atMost: 9).first)
    #expect(try stamp.field("time").string() == "2023-11-14T22:13:20Z")
    #expect(
      try contents.field("verifyWith").string()
        == "nexo-verify verify-blob --bundle \(folder.path)/file --certificate-identity \(VirtualSigstore.identity) "
        + "--certificate-oidc-issuer \(VirtualSigstore.issuer) --trusted-root FILE BLOB")
  }

  @Test("what it says of a forged bundle is the same: nothing is judged")
  func forged() throws {
    var world = VirtualSigstore()
    var draft = world.sign([1, 2, 3]).bundle()
    draft["messageSignature.signature"] = .base64([9, 9, 9])
    #expect(try contents(draft.bytes).field("signer").field("identity").string() == VirtualSigstore.identity)
    let run = inspect([folder.write("forged", draft.bytes)])
    #expect(run.status == 0 && run.output.contains("Nothing here was verified"))
    #expect(!run.output.contains("Verified OK"))
  }

  @Test("every other kind of file, told by content")
  func kinds() throws {
    var world = VirtualSigstore()
    let material = world.sign([1])
    let statement = world.attest(EnvelopeDraft(about: [1]), of: [1])
    let bare = EnvelopeDraft(about: [1]).text(statement.signature)
    let tsa = VirtualTSA(seed: "x", notBefore: 1_690_000_000, notAfter: 1_790_000_000)
    let files: [(String, [UInt8])] = [
      ("cosign bundle", material.legacyBundle.bytes), ("certificate", material.looseCertificate),
      ("certificate", Array(material.verifier.pem.utf8)), ("signature", material.looseSignature),
      ("signature", material.signature), ("checkpoint", Array(material.checkpoint.utf8)),
      ("trusted root", world.trustedRoot().bytes), ("DSSE envelope", bare),
      ("public key", Array(VirtualKey(.p384, seed: "k").publicKeyPEM.utf8)),
      ("timestamp", tsa.stamp([1], VirtualTSA.Request(time: "20231114221500"))),
      (
        "bundles, one a line",
        Array((material.bundle().rendered + "\n" + statement.bundle().rendered + "\n{}").utf8)
      ),
    ]
    for (kind, file) in files { #expect(try contents(file).field("kind").string() == kind) }
    let attested = try contents(statement.bundle().bytes)
    #expect(try attested.field("content").field("predicateType").string() == "https://slsa.dev/provenance/v1")
    #expect(
      try attested.field("verifyWith").string().hasPrefix(
        "nexo-verify verify-blob-attestation --type https://slsa.dev/provenance/v1 --bundle "))
  }

  @Test("what is none of these is refused by name, and the rest is told")
  func refused() {
    let good = folder.write("good", VirtualSigstore().trustedRoot().bytes)
    for (file, status) in [
      (folder.write("empty", []), 3), (folder.write("text", Array("hello\n".utf8)), 3),
      (folder.write("json", Array("{\"a\":1}".utf8)), 3), (folder.path + "/none", 4), ("/dev/null", 3),
      (folder.write("key", Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8)), 3),
    ] as [(String, Int32)] {
      let run = inspect([file, good])
      #expect(run.status == status, "\(file)")
      #expect(run.errors.hasPrefix("Error: "))
      #expect(run.output.contains("kind: trusted root"))
    }
    #expect(inspect([]).status == 2)
    #expect(TestRun.run(["inspect", "--bundle", good]).code == "usage.flag")
    #expect(TestRun.run(["inspect", "--no-such", good]).status == 2)
  }

  @Test("hostile values cannot start a line, and cannot leave the quotes of the command")
  func hostile() throws {
    var world = VirtualSigstore()
    var request = world.leafRequest()
    request.names = [.uri("https://x/'; rm -rf ~ #")]
    let run = inspect([folder.write("x", world.sign([1], as: request).bundle().bytes)])
    #expect(run.output.contains("--certificate-identity 'https://x/'\\''; rm -rf ~ #' "))
    let named = folder.write("a\nkind: forged", world.trustedRoot().bytes)
    #expect(!inspect([named]).output.split(separator: "\n").contains("kind: forged"))
  }

  @Test("500 changed files: told or refused, never a trap")
  func mutations() {
    var world = VirtualSigstore()
    world.useTiledLog()
    let good = world.sign([1]).bundle().bytes
    var state: UInt64 = 7
    for _ in 0..<500 {
      var bytes = good
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
      }
      #expect([0, 3].contains(inspect([folder.write("mutant", bytes)]).status))
    }
  }
}
