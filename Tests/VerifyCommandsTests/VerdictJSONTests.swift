import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

@Suite("--json")
struct VerdictJSONTests {
  let signed = SignedFolder()
  var good: [String] { ["--json"] + signed.bundle + signed.signer + [signed.blob] }

  static let fields = [
    "schema", "command", "file", "verified", "exitStatus", "code", "step", "blame", "message", "detail", "got", "want",
    "place",
    "input", "advice", "alsoFailed", "cautions", "identity", "statement", "bundles", "digest", "scheme", "signingTimes",
    "trustedRoot", "trace",
  ]

  @Test("a yes: one line, the same every time, with the lines for people on standard error")
  func verified() throws {
    let run = signed.verify(good)
    #expect(run.status == 0)
    #expect(run.lines == ["Certificate subject: \(SignedFolder.identity)", "Verified OK"])
    #expect(run.output.hasSuffix("}\n") && run.output.filter { $0 == "\n" }.count == 1)
    #expect(signed.verify(good).output == run.output)
    let json = try run.json
    #expect(try json.fieldNames() == Self.fields)
    #expect(try json.field("schema").string() == "nexo-verify/1")
    #expect(try json.field("command").string() == "verify-blob")
    #expect(try json.field("verified").bool())
    #expect(try json.field("exitStatus").integer() == 0)
    for name in ["code", "step", "blame", "message", "detail", "got", "want", "place", "input", "advice"] {
      #expect(try json.optionalField(name) == nil)
    }
    let identity = try json.field("identity")
    #expect(try identity.field("subject").string() == SignedFolder.identity)
    #expect(try identity.field("kind").string() == "URI")
    #expect(try identity.field("issuer").string() == SignedFolder.issuer)
    let claims = try identity.field("claims")
    #expect(try claims.field("GitHub Workflow Repository").string() == "example/plugin")
    #expect(try claims.fieldNames().prefix(3) == ["Issuer", "GitHub Workflow Trigger", "GitHub Workflow SHA"])
    let digest = Hex.encode(HashName.sha256(signed.material.artifact))
    #expect(try json.field("digest").string() == "sha256:" + digest)
    #expect(try json.field("signingTimes").elements(atMost: 1).map { try $0.string() } == ["2023-11-14T22:13:20Z"])
    #expect(try json.field("trustedRoot").field("source").string().hasPrefix("trusted root file (sha256 "))
    let trace = try json.field("trace").elements(atMost: 100)
    #expect(
      try Set(trace.map { try $0.field("step").string() })
        == Set(Step.allCases.filter { ![.attestation, .denied].contains($0) }.map(\.rawValue)))
    #expect(try trace.dropFirst().allSatisfy { try $0.field("result").string() == "passed" })
    for entry in trace {
      #expect(try entry.fieldNames() == ["step", "check", "result", "facts", "specification"])
    }
  }

  @Test("a no: code, step, blame, values, and what else failed")
  func refused() throws {
    let changed = signed.folder.write("changed", [1, 2, 3])
    let run = signed.verify(
      ["--json"] + signed.bundle + ["--certificate-identity=x", "--certificate-oidc-issuer=y", changed])
    let json = try run.json
    #expect(try json.fieldNames() == Self.fields)
    #expect(try json.field("verified").bool() == false)
    #expect(try json.field("exitStatus").integer() == 1)
    #expect(try json.field("code").string() == "identity.mismatch")
    #expect(try json.field("step").string() == "identity")
    #expect(try json.field("blame").string() == "untrusted")
    #expect(try json.field("got").string() == SignedFolder.identity)
    #expect(try json.field("want").string() == "x")
    #expect(try json.field("advice").string().isEmpty == false)
    #expect(try json.optionalField("identity") == nil)
    #expect(try json.optionalField("digest") == nil)
    let also = try json.field("alsoFailed").elements(atMost: 10).map { try $0.field("code").string() }
    #expect(also.contains("signature.mismatch"))
    #expect(try json.field("trace").elements(atMost: 100).last?.field("result").string() == "failed")
  }

  @Test(
    "every other outcome too, a misused command line included",
    arguments: [
      (["--no-such-flag", "--json"], "usage.flag", 2), (["--json", "--bundle"], "usage.flag", 2),
      (["--json"], "usage.flag", 2),
      (["--json", "--bundle=/none/such", "--key=/none/such", "b"], "input.unreadable", 4),
      (["--json", "--bundle=/dev/null", "--key=/none/such", "b"], "input.notRegularFile", 3),
    ])
  func others(arguments: [String], code: String, status: Int64) throws {
    let run = TestRun.run(["verify-blob"] + arguments)
    let json = try run.json
    #expect(try json.fieldNames() == Self.fields)
    #expect(try json.field("code").string() == code)
    #expect(try json.field("exitStatus").integer() == status)
    #expect(Int64(run.status) == status)
    #expect(try json.field("verified").bool() == false)
    #expect(try json.optionalField("step") == nil)
    #expect(run.code == code)
  }

  @Test("no command, and an unknown one")
  func noCommand() throws {
    for arguments in [["--json"], ["--json", "sign-blob"], ["sign-blob", "--json"]] {
      let json = try TestRun.run(arguments).json
      #expect(try json.optionalField("command") == nil)
      #expect(try json.field("code").string() == "usage.command")
    }
  }

  @Test("warnings and cautions, each once")
  func cautions() throws {
    let run = signed.verify(
      ["--json", "--bundle", signed.path("legacy.bundle"), "--certificate-identity-regexp", "github.com"]
        + ["--certificate-oidc-issuer", SignedFolder.issuer, "--insecure-ignore-sct", "--max-workers=3", signed.blob])
    #expect(run.status == 0)
    let codes = try run.json.field("cautions").elements(atMost: 20).map { try $0.field("code").string() }
    #expect(
      codes == [
        "usage.flagIgnored", "policy.notAnchored", "policy.bareDot", "sct.unsafelyIgnored", "log.promiseOnly",
      ])
    #expect(run.lines.filter { $0.hasPrefix("warning: ") }.count == codes.count)
  }

  @Test("under the name cosign the status is cosign's")
  func asCosign() throws {
    let json = try TestRun.run(["verify-blob", "--json", "--no-such-flag"], name: "cosign").json
    #expect(try json.field("exitStatus").integer() == 1)
  }

  @Test("what cannot be written is not a success")
  func unwritable() {
    for run in [signed.verify(good, outputFails: true), signed.verify(good, errorsFail: true)] {
      #expect(run.status == 4)
    }
    #expect(
      signed.verify(good, outputFails: true).lines.last == "Error: the output cannot be written (output.unwritable)")
    #expect(signed.verify(good, name: "cosign", outputFails: true).status == 1)
    // Without --json the exit status is the verdict.
    #expect(signed.verify(Array(good.dropFirst()), outputFails: true, errorsFail: true).status == 0)
  }
}
