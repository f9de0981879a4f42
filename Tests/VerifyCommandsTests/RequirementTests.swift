import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

/// The flags that ask for more evidence, or for less, through to the verdict.
@Suite("Flags about evidence")
struct RequirementTests {
  private let signed = SignedFolder()

  private func code(_ flags: [String]) -> String? {
    let run = signed.verify(signed.bundle + signed.signer + flags + [signed.blob])
    return run.status == 0 ? nil : run.code
  }

  @Test("numbers of logs, stamps and certificate logs")
  func minima() {
    for (flag, code) in [
      ("--min-log-entries", "log.tooFew"), ("--min-timestamps", "times.tooFew"), ("--min-scts", "sct.tooFew"),
    ] {
      #expect(self.code(["\(flag)=2"]) == code)
      #expect(self.code(["\(flag)=1"]) == (flag == "--min-timestamps" ? code : nil))
      for value in ["0", "33", "-1", "x", "1.0", "01", "99999999999999999999"] {
        #expect(self.code(["\(flag)=\(value)"]) == "usage.flag", "\(flag) \(value)")
      }
    }
    #expect(code(["--use-signed-timestamps"]) == "times.tooFew")
    #expect(code(["--use-signed-timestamps=false"]) == nil)
    #expect(code(["--strict-timestamps"]) == nil)
  }

  @Test("witnesses: the keys, how many, and no number without keys")
  func witnesses() {
    let witness = VirtualWitness("w.example")
    let keys = signed.folder.write("witnesses", Array((witness.verifierKey + "\n").utf8))
    #expect(code(["--witness-keys", keys]) == "log.tooFewWitnesses")
    #expect(code(["--witness-keys", keys, "--min-witnesses=2"]) == "usage.flag")
    #expect(code(["--min-witnesses=1"]) == "usage.flag")
    #expect(code(["--witness-keys", signed.folder.write("bad", Array("x".utf8))]) == "policy.witnessKey")
    #expect(code(["--witness-keys", signed.path("none")]) == "input.unreadable")
    #expect(code(["--witness-keys", keys, "--insecure-ignore-tlog"]) == "usage.flag")
    let note = signed.material.checkpoint
    let text = String(note.split(separator: "\n\n", maxSplits: 1)[0]) + "\n"
    var draft = signed.material.bundle()
    draft["verificationMaterial.tlogEntries.0.inclusionProof.checkpoint.envelope"] = .text(
      note + witness.line(over: text) + "\n")
    let bundle = signed.folder.write("witnessed.json", draft.bytes)
    let run = signed.verify(["--bundle", bundle, "--witness-keys", keys] + signed.signer + [signed.blob])
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test("what contradicts another flag is refused")
  func contradictions() {
    for flags in [
      ["--min-log-entries=1", "--insecure-ignore-tlog"], ["--min-log-entries=1", "--private-infrastructure"],
      ["--min-log-entries=1", "--private-deployment"], ["--min-scts=1", "--insecure-ignore-sct"],
      ["--min-scts=1", "--private-deployment"],
    ] {
      #expect(code(flags) == "usage.flag", "\(flags)")
    }
    let run = TestRun.run(["verify-blob", "--private-deployment"] + signed.bundle + signed.signer + [signed.blob])
    #expect(run.code == "usage.flag")
  }

  @Test("a deployment of its own: no log, no certificate log, but a stamp; never without the flag")
  func privateDeployment() {
    var world = VirtualSigstore()
    world.addTimestampAuthority()
    var request = world.leafRequest()
    request.sct.count = 0
    let material = world.sign(Array("an artifact\n".utf8), as: request)
    var root = world.trustedRoot()
    root["tlogs"] = nil
    root["ctlogs"] = nil
    var draft = material.bundle()
    draft["verificationMaterial.tlogEntries"] = .array([])
    let folder = signed.folder
    let arguments =
      ["verify-blob", "--trusted-root", folder.write("own.json", root.bytes), "--bundle"]
      + [folder.write("own.sigstore.json", draft.bytes)] + signed.signer + [signed.blob]
    #expect(TestRun.run(arguments).code == "log.missing")
    #expect(TestRun.run(arguments + ["--insecure-ignore-tlog"]).code == "sct.missing")
    let run = TestRun.run(arguments + ["--private-deployment"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.lines.filter { $0.hasPrefix("warning: ") }.count == 2)
    draft["verificationMaterial.timestampVerificationData"] = nil
    folder.write("own.sigstore.json", draft.bytes)
    #expect(TestRun.run(arguments + ["--private-deployment"]).code == "times.tooFew")
  }

  @Test("the hash that was signed over")
  func hash() {
    #expect(code(["--signature-digest-algorithm=sha256"]) == nil)
    #expect(code(["--signature-digest-algorithm=sha512"]) == "signature.mismatch")
    for name in ["sha224", "SHA256", "md5"] { #expect(code(["--signature-digest-algorithm", name]) == "usage.flag") }
  }
}

/// The file of `--key`.
@Suite("Files of keys")
struct KeyFileTests {
  private static let key = VirtualKey(.p256, seed: "managed")
  private let signed = SignedFolder(key: KeyFileTests.key)

  private static func listed(
    _ key: VirtualKey, _ name: String, details: String? = nil, end: String? = nil
  ) -> JSONDraft {
    .object([
      ("keyId", .text(name)), ("keyUsage", .text("npm:signatures")),
      (
        "publicKey",
        .object([
          ("rawBytes", .base64(key.subjectPublicKeyInfo)), ("keyDetails", .text(details ?? key.kind.details)),
          (
            "validFor",
            .object([("start", .text("2021-01-01T00:00:00.000Z"))] + (end.map { [("end", .text($0))] } ?? []))
          ),
        ])
      ),
    ])
  }

  private func code(_ keys: [JSONDraft]) -> String? {
    let file = signed.folder.write("keys.json", JSONDraft.object([("keys", .array(keys))]).bytes)
    let run = signed.verify(signed.bundle + ["--key", file, signed.blob])
    return run.status == 0 ? nil : run.code
  }

  private var hint: String { Encoding.base64(HashName.sha256(Self.key.subjectPublicKeyInfo)) }

  @Test("a list of keys: the hint chooses, the window holds")
  func list() {
    let other = VirtualKey(.p256, seed: "other")
    #expect(code([Self.listed(Self.key, hint)]) == nil)
    #expect(code([Self.listed(other, "x"), Self.listed(Self.key, hint)]) == nil)
    #expect(code([Self.listed(other, hint), Self.listed(Self.key, "x")]) == "signature.mismatch")
    #expect(code([Self.listed(other, "y"), Self.listed(Self.key, "x")]) == "signature.keyMissing")
    #expect(code([Self.listed(Self.key, hint, end: "2023-11-14T22:13:20Z")]) == nil)
    #expect(code([Self.listed(Self.key, hint, end: "2023-11-14T22:13:19Z")]) == "signature.keyNotValidAtTime")
    #expect(code([Self.listed(Self.key, hint, details: "PKIX_ECDSA_P384_SHA_384")]) == "input.key")
    #expect(code([Self.listed(Self.key, hint, details: "ML_DSA_65")]) == "input.key")
    #expect(code([]) == "input.key")
    #expect(code(Array(repeating: Self.listed(other, "x"), count: 65)) == "input.key")
  }

  @Test("files that are no list")
  func malformed() {
    for text in ["{", "{}", "{\"keys\":{}}", "{\"keys\":[{}]}", "{\"keys\":[],\"keys\":[]}"] {
      let file = signed.folder.write("keys.json", Array(text.utf8))
      #expect(signed.verify(signed.bundle + ["--key", file, signed.blob]).code == "input.key", "\(text)")
    }
  }
}
