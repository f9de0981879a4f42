import Testing
import VirtualSigstore

@testable import VerifyCommands

/// cosign's variables that put other anchors in the place of the trusted root's.
@Suite("Anchors from the environment")
struct EnvironmentAnchorTests {
  private let signed = SignedFolder()
  private let world = VirtualSigstore()

  init() {
    let chain = world.fulcio.authorities.map { Encoding.pem("CERTIFICATE", $0.certificate) }.joined()
    signed.folder.write("fulcio.pem", Array(chain.utf8))
    signed.folder.write("rekor.pub", Array(world.rekor.key.publicKeyPEM.utf8))
    signed.folder.write("ct.der", world.fulcio.log.key.subjectPublicKeyInfo)
  }

  private var all: [String: String] {
    [
      "SIGSTORE_ROOT_FILE": "fulcio.pem", "SIGSTORE_REKOR_PUBLIC_KEY": "rekor.pub",
      "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE": "ct.der",
    ]
  }

  private func verify(
    _ variables: [String: String], bundle: String = "bundle.json", log: String = "https://rekor.virtual.test/",
    more: [String] = []
  ) -> TestRun {
    TestRun.run(
      ["verify-blob", "--rekor-url", log, "--bundle", signed.path(bundle)] + more + signed.signer + [signed.blob],
      variables: variables.map { "\($0.key)=\($0.value.isEmpty ? "" : signed.path($0.value))" })
  }

  @Test("replace the embedded ones, and each is named", arguments: ["bundle.json", "legacy.bundle"])
  func replaced(bundle: String) {
    let run = verify(all, bundle: bundle)
    #expect(run.status == 0, "\(run.errors)")
    let told = run.lines.filter { $0.hasSuffix("(trust.anchorReplaced)") }
    #expect(told.count == 3)
    for name in all.keys { #expect(told.contains { $0.contains(name) }) }
  }

  @Test("each replaces its own part alone: with one missing, the check of that part says no")
  func single() {
    #expect(verify(all.filter { $0.key != "SIGSTORE_ROOT_FILE" }).code == "chain.noAuthority")
    #expect(verify(all.filter { $0.key != "SIGSTORE_REKOR_PUBLIC_KEY" }).code == "log.unknown")
    #expect(verify(all.filter { $0.key != "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE" }).code == "sct.untrusted")
    #expect(verify([:]).status == 1)
    var empty = all
    empty["SIGSTORE_ROOT_FILE"] = ""
    #expect(verify(empty).code == "chain.noAuthority", "empty counts as unset")
  }

  @Test("drop no check: a changed file is refused with them as without")
  func changed() {
    signed.folder.write("blob", Array("another artifact\n".utf8))
    #expect(verify(all).code == "signature.mismatch")
  }

  @Test("a timestamp authority by its chain")
  func timestamps() {
    var world = VirtualSigstore()
    world.addTimestampAuthority()
    let material = world.sign(Array("an artifact\n".utf8))
    signed.folder.write("stamped.json", material.bundle().bytes)
    let chain = (world.tsa?.chain ?? []).map { Encoding.pem("CERTIFICATE", $0) }.joined()
    signed.folder.write("tsa.pem", Array(chain.utf8))
    var variables = all
    variables["SIGSTORE_TSA_CERTIFICATE_FILE"] = "tsa.pem"
    #expect(verify(variables, bundle: "stamped.json", more: ["--use-signed-timestamps"]).status == 0)
    #expect(verify(all, bundle: "stamped.json", more: ["--use-signed-timestamps"]).code == "times.tooFew")
  }

  @Test("beside --trusted-root they are a contradiction")
  func contradiction() {
    for name in all.keys {
      let run = signed.verify(signed.bundle + signed.signer + [signed.blob], variables: ["\(name)=\(signed.path("x"))"])
      #expect(run.status == 2 && run.code == "usage.flag")
    }
  }

  @Test("files that cannot be used have codes")
  func bad() {
    signed.folder.write("text", Array("no key".utf8))
    signed.folder.write("key.pem", Array(VirtualKey(.p256, seed: "k").publicKeyPEM.utf8))
    let stray = Encoding.pem("CERTIFICATE", world.fulcio.authorities[0].certificate)
    signed.folder.write("stray.pem", Array(stray.utf8))
    signed.folder.write("tiles.pub", Array(VirtualKey(.ed25519, seed: "k").publicKeyPEM.utf8))
    for (name, file) in [
      ("SIGSTORE_ROOT_FILE", "text"), ("SIGSTORE_ROOT_FILE", "key.pem"), ("SIGSTORE_ROOT_FILE", "stray.pem"),
      ("SIGSTORE_REKOR_PUBLIC_KEY", "fulcio.pem"), ("SIGSTORE_REKOR_PUBLIC_KEY", "tiles.pub"),
      ("SIGSTORE_CT_LOG_PUBLIC_KEY_FILE", "text"), ("SIGSTORE_TSA_CERTIFICATE_FILE", "fulcio.pem"),
    ] {
      var variables = all
      variables[name] = file
      let run = verify(variables)
      #expect(run.status == 3 && run.code == "trust.anchorMalformed", "\(name) \(file): \(run.errors)")
    }
    var variables = all
    variables["SIGSTORE_ROOT_FILE"] = "none"
    #expect(verify(variables).code == "input.unreadable")
  }
}
