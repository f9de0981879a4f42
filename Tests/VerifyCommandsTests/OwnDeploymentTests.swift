import Testing
import VirtualSigstore

@testable import VerifyCommands

/// A Sigstore of somebody's own, as cosign is told of it: authorities and a timestamp in files of their own.
@Suite("An own deployment by cosign's flags")
struct OwnDeploymentTests {
  private let signed: SignedFolder
  private let stamp: [UInt8]
  private let early: [UInt8]
  private let other: [UInt8]

  init() {
    signed = SignedFolder()
    var world = VirtualSigstore()
    world.addTimestampAuthority()
    // Deterministic: the same leaf, signature and entry as in the folder, with a timestamp.
    stamp = world.sign(Array("an artifact\n".utf8)).timestamps.first ?? []
    other = world.sign(Array("another artifact\n".utf8)).timestamps.first ?? []
    early = world.tsa?.stamp(signed.material.signature, VirtualTSA.Request(time: "20231114000000")) ?? []
    let authorities = world.fulcio.authorities.map { Encoding.pem("CERTIFICATE", $0.certificate) }
    write("chain.pem", authorities.joined())
    write("issuer.pem", authorities[0])
    write("root.pem", authorities[authorities.count - 1])
    write("backwards.pem", authorities.reversed().joined())
    write(
      "stranger.pem",
      VirtualSigstore(seed: "a stranger's").fulcio.authorities.map { Encoding.pem("CERTIFICATE", $0.certificate) }
        .joined())
    write("tsa.pem", (world.tsa?.chain ?? []).map { Encoding.pem("CERTIFICATE", $0) }.joined())
    write("rekor.pub", world.rekor.key.publicKeyPEM)
    write("ct.pub", world.fulcio.log.key.publicKeyPEM)
    write("stamp.json", Self.file(stamp))
  }

  private static func file(_ stamp: [UInt8]) -> String {
    "{\"SignedRFC3161Timestamp\":\"\(Encoding.base64(stamp))\"}"
  }

  private func write(_ name: String, _ text: String) { signed.folder.write(name, Array(text.utf8)) }

  private func path(_ name: String) -> String { signed.path(name) }

  private var logs: [String] {
    ["SIGSTORE_REKOR_PUBLIC_KEY=\(path("rekor.pub"))", "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE=\(path("ct.pub"))"]
  }

  private func logged(_ arguments: [String], _ variables: [String] = []) -> TestRun {
    TestRun.run(
      ["verify-blob", "--bundle", path("legacy.bundle"), "--rekor-url", "https://rekor.virtual.test"] + signed.signer
        + arguments + [signed.blob], variables: logs + variables)
  }

  /// Without a log: what shows the time is the timestamp.
  private func stamped(
    _ file: String? = "stamp.json", authority: String? = "tsa.pem",
    material: [String] = ["--signature", "blob.sig", "--certificate", "blob.pem"]
  ) -> TestRun {
    TestRun.run(
      ["verify-blob", "--certificate-chain", path("chain.pem"), "--insecure-ignore-tlog", "--insecure-ignore-sct"]
        + material.map { $0.hasPrefix("-") ? $0 : path($0) }
        + (authority.map { ["--timestamp-certificate-chain", path($0)] } ?? [])
        + (file.map { ["--rfc3161-timestamp", path($0)] } ?? []) + signed.signer + [signed.blob])
  }

  // MARK: --certificate-chain

  @Test("a chain takes the place of the trusted root's authorities, up to whichever anchor it ends in")
  func chain() {
    #expect(logged([]).code == "chain.noAuthority")
    for file in ["chain.pem", "issuer.pem"] {
      let run = logged(["--certificate-chain", path(file)])
      #expect(run.status == 0, "\(file): \(run.errors)")
      #expect(!run.errors.contains("--certificate-chain"), "a flag needs no warning")
      let told = logged(["--certificate-chain", path(file), "--json"])
      #expect(told.output.contains("; the transparency logs by SIGSTORE_REKOR_PUBLIC_KEY, "))
      #expect(told.output.contains("the certificate authorities by --certificate-chain\""))
    }
  }

  @Test("a chain that is not the signer's verifies nothing")
  func otherChain() {
    for file in ["stranger.pem", "root.pem"] {
      #expect(logged(["--certificate-chain", path(file)]).code == "chain.noAuthority", "\(file)")
    }
  }

  @Test("a chain replaces authorities alone: logs and certificate logs are asked for as before")
  func chainAlone() {
    let arguments = ["--certificate-chain", path("chain.pem")]
    let bundle = ["verify-blob", "--bundle", path("legacy.bundle")] + signed.signer + arguments + [signed.blob]
    #expect(TestRun.run(bundle).code == "log.unknown")
    #expect(TestRun.run(bundle, variables: [logs[0]]).code == "sct.untrusted")
  }

  @Test("what is no chain has a code")
  func badChain() {
    write("text", "no certificate")
    write("empty", "")
    for file in ["backwards.pem", "text", "empty", "rekor.pub", "tsa.pem"] {
      let run = logged(["--certificate-chain", path(file)])
      #expect(run.status == 3 && run.code == "trust.anchorMalformed", "\(file): \(run.errors)")
    }
    #expect(logged(["--certificate-chain", path("none")]).code == "input.unreadable")
  }

  @Test("beside another word on whom to believe it is a contradiction")
  func contradictions() {
    let chain = ["--certificate-chain", path("chain.pem")]
    let stamps = ["--timestamp-certificate-chain", path("tsa.pem")]
    for arguments in [chain, stamps] {
      #expect(signed.verify(signed.bundle + signed.signer + arguments + [signed.blob]).status == 2)
    }
    #expect(logged(chain, ["SIGSTORE_ROOT_FILE=\(path("chain.pem"))"]).code == "usage.flag")
    #expect(logged(stamps, ["SIGSTORE_TSA_CERTIFICATE_FILE=\(path("tsa.pem"))"]).code == "usage.flag")
    #expect(
      TestRun.run(
        ["verify-blob", "--key", path("rekor.pub"), "--signature", path("blob.sig")] + chain + [signed.blob]
      ).code == "usage.flag")
    let several = ["verify-blob", "--rfc3161-timestamp", path("stamp.json")] + signed.signer
    #expect(TestRun.run(several + [signed.blob, signed.blob]).code == "usage.flag")
  }

  // MARK: --rfc3161-timestamp

  @Test("a timestamp shows when loose files or a cosign bundle were signed, without a log")
  func showsTime() {
    let run = stamped()
    #expect(run.status == 0, "\(run.errors)")
    #expect(stamped(material: ["--bundle", "legacy.bundle"]).status == 0)
    #expect(stamped(nil).code == "times.none")
  }

  @Test("a timestamp that was given has to verify")
  func badStamp() {
    write("other.json", Self.file(other))
    write("early.json", Self.file(early))
    write("cut.json", Self.file(Array(stamp.dropLast())))
    #expect(stamped("other.json").code == "times.imprintMismatch", "\(stamped("other.json").errors)")
    #expect(stamped("early.json").code == "chain.notValidAtTime", "\(stamped("early.json").errors)")
    #expect(stamped("cut.json").code == "times.tokenMalformed", "\(stamped("cut.json").errors)")
    #expect(stamped(authority: nil).code == "times.tooFew", "of an authority that nobody trusts")
    // Beside a log's promise it is asked for all the same.
    let beside = logged(["--certificate-chain", path("chain.pem"), "--rfc3161-timestamp", path("stamp.json")])
    #expect(beside.code == "times.tooFew", "\(beside.errors)")
    let both = logged([
      "--certificate-chain", path("chain.pem"), "--rfc3161-timestamp", path("stamp.json"),
      "--timestamp-certificate-chain", path("tsa.pem"),
    ])
    #expect(both.status == 0, "\(both.errors)")
  }

  @Test("what is no timestamp file has a code")
  func malformed() {
    let base64 = Encoding.base64(stamp)
    for (text, code) in [
      ("", "bundle.json"), ("{}", "bundle.fieldMissing"), ("{\"SignedRFC3161Timestamp\":5}", "bundle.fieldInvalid"),
      ("{\"SignedRFC3161Timestamp\":\"?\"}", "input.base64"), (base64, "bundle.json"),
      ("{\"SignedRFC3161Timestamp\":\"\(base64)\",\"SignedRFC3161Timestamp\":\"\(base64)\"}", "bundle.json"),
    ] {
      write("bad.json", text)
      let run = stamped("bad.json")
      #expect(run.status == 3 && run.code == code, "\(text.prefix(60)): \(run.errors)")
    }
    #expect(stamped("none").code == "input.unreadable")
  }
}
