import Glibc
import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

@Suite("verify-blob, in this process")
struct VerifyBlobCommandTests {
  let signed = SignedFolder()

  @Test(
    "a genuine signature: subject and verdict on standard error, nothing on standard output",
    arguments: [
      "bundle.json", "legacy.bundle",
    ])
  func verified(bundle: String) {
    let run = signed.verify(["--bundle", signed.path(bundle)] + signed.signer + [signed.blob])
    #expect(run.status == 0)
    #expect(run.output == "")
    #expect(run.lines.suffix(2) == ["Certificate subject: \(SignedFolder.identity)", "Verified OK"])
    #expect(run.lines.dropLast(2).allSatisfy { $0.hasPrefix("warning: ") && $0.hasSuffix(" (log.promiseOnly)") })
    #expect(run.lines.count == (bundle == "bundle.json" ? 2 : 3))
  }

  @Test("each bundle version, from standard input and by digest")
  func otherBlobs() {
    for version in SignedMaterial.Version.allCases {
      let bundle = signed.folder.write("version.json", signed.material.bundle(version).bytes)
      let arguments = ["--bundle", bundle] + signed.signer
      #expect(signed.verify(arguments + [signed.blob]).status == 0)
      let input = open(signed.blob, O_RDONLY)
      #expect(signed.verify(arguments + ["-"], input: input).status == 0)
      close(input)
      let hex = HashName.sha256(signed.material.artifact).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      #expect(signed.verify(arguments + ["sha256:\(hex)"]).status == 0)
      let other = String(repeating: "0", count: 64)
      let refused = signed.verify(arguments + ["sha256:\(other)"])
      #expect(refused.status == 1)
      #expect(refused.code == "signature.mismatch")
    }
  }

  @Test("each rule about the signer reaches the verdict")
  func signers() {
    let verify = { (flags: [String]) in signed.verify(signed.bundle + flags + [signed.blob]) }
    let issuer = ["--certificate-oidc-issuer", SignedFolder.issuer]
    let identity = ["--certificate-identity", SignedFolder.identity]
    #expect(verify(["--certificate-identity-regexp", "^https://github\\.com/example/"] + issuer).status == 0)
    #expect(
      verify(["--certificate-identity-regexp", "^https://github\\.com/examples/"] + issuer).code == "identity.mismatch")
    #expect(verify(["--certificate-identity", SignedFolder.identity + "x"] + issuer).code == "identity.mismatch")
    #expect(
      verify(identity + ["--certificate-oidc-issuer", SignedFolder.issuer + "/"]).code == "identity.issuerMismatch")
    #expect(verify(identity + ["--certificate-oidc-issuer-regexp", "^https://token\\."]).status == 0)
    #expect(verify(identity + ["--certificate-oidc-issuer-regexp", "^token"]).code == "identity.issuerMismatch")
    let claims = [
      "trigger": "push", "sha": "0123456789abcdef0123456789abcdef01234567", "name": "Release",
      "repository": "example/plugin", "ref": "refs/tags/v1.0.0",
    ]
    let all = claims.flatMap { ["--certificate-github-workflow-\($0.key)", $0.value] }
    #expect(verify(signed.signer + all).status == 0)
    for (name, value) in claims {
      let run = verify(signed.signer + ["--certificate-github-workflow-\(name)", value + "x"])
      #expect(run.code == "identity.claimMismatch")
      #expect(run.status == 1)
    }
  }

  @Test("another root does not believe it: embedded production, staging, and an empty one")
  func roots() {
    let arguments = signed.bundle + signed.signer + [signed.blob]
    for flags in [[], ["--staging"]] {
      let run = TestRun.run(["verify-blob"] + flags + arguments)
      #expect(run.status == 1)
      #expect(run.code == "log.unknown")
    }
    let empty = signed.folder.write(
      "empty.json", Array(#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#.utf8))
    #expect(TestRun.run(["verify-blob", "--trusted-root", empty] + arguments).status != 0)
  }

  @Test("signing times that lie in the future are refused by the clock that was handed in")
  func clock() {
    let run = signed.verify(signed.bundle + signed.signer + [signed.blob], now: 1_699_999_999)
    #expect(run.code == "times.inFuture")
    #expect(signed.verify(signed.bundle + signed.signer + [signed.blob], now: 0).status == 1)
  }

  // MARK: Loose files

  @Test("loose files beside a bundle: equal bytes in any encoding agree, others are refused")
  func agreement() {
    let binary = signed.folder.write("binary.sig", signed.material.signature)
    let pem = signed.folder.write("plain.cert", Array((signed.material.verifier.pem + "\n").utf8))
    let text = String(decoding: signed.material.looseSignature, as: UTF8.self)
    func verify(_ flags: [String]) -> TestRun { signed.verify(signed.bundle + flags + signed.signer + [signed.blob]) }
    for signature in [signed.path("blob.sig"), binary, text] {
      for certificate in [signed.path("blob.pem"), pem] {
        #expect(verify(["--signature", signature, "--certificate", certificate]).status == 0)
      }
    }
    #expect(verify(["--signature", text]).lines.first?.hasSuffix("(input.literalSignature)") == true)
    var world = VirtualSigstore(seed: "other")
    let other = world.sign(Array("other".utf8))
    let otherSignature = signed.folder.write("other.sig", other.looseSignature)
    let otherCertificate = signed.folder.write("other.pem", other.looseCertificate)
    #expect(verify(["--signature", otherSignature]).code == "input.disagreesWithBundle")
    #expect(verify(["--certificate", otherCertificate]).code == "input.disagreesWithBundle")
    #expect(verify(["--certificate", otherCertificate]).status == 1)
    let empty = signed.folder.write("empty.sig", [])
    #expect(verify(["--signature", empty]).code == "input.signatureEmpty")
    #expect(verify(["--signature", empty]).status == 3)
    #expect(verify(["--certificate", empty]).code == "input.certificate")
  }

  @Test("a bad bundle beside good loose files is final")
  func badBundle() {
    var draft = signed.material.bundle()
    draft["messageSignature.signature"] = .base64([0x30, 0x06, 2, 1, 1, 2, 1, 1])
    let bad = signed.folder.write("bad.json", draft.bytes)
    let loose = ["--certificate", signed.path("blob.pem")]
    #expect(signed.verify(["--bundle", bad] + loose + signed.signer + [signed.blob]).status == 1)
    let junk = signed.folder.write("junk.json", Array("{".utf8))
    let run = signed.verify(
      ["--bundle", junk, "--signature", signed.path("blob.sig")] + loose + signed.signer + [signed.blob])
    #expect(run.code == "bundle.json")
    #expect(run.status == 3)
  }

  @Test("a signature and a certificate alone: nothing proves the time, and the hint says what to do")
  func looseAlone() {
    let loose = ["--signature", signed.path("blob.sig"), "--certificate", signed.path("blob.pem")]
    let run = signed.verify(loose + signed.signer + [signed.blob])
    #expect(run.status == 1)
    #expect(run.code == "log.missing")
    #expect(
      run.lines.contains { $0.hasPrefix("hint: ") && $0.contains("nothing proves offline") && $0.contains("--bundle") })
    let ignored = signed.verify(loose + ["--insecure-ignore-tlog"] + signed.signer + [signed.blob])
    #expect(ignored.code == "times.none")
    #expect(ignored.lines.contains { $0.hasPrefix("hint: ") && $0.contains("--bundle") })
  }

  @Test("a signature that is neither a file nor long enough to be one is a missing file")
  func literal() {
    for value in ["blob", "AAAA", "/no/such/file", String(repeating: "x", count: 1000)] {
      let run = signed.verify(signed.bundle + ["--signature", value] + signed.signer + [signed.blob])
      #expect(
        run.code == (value.count == 1000 ? "input.disagreesWithBundle" : "input.unreadable"), "\(value.prefix(20))")
    }
  }

  // MARK: Managed keys

  @Test("a managed key: bundle, or signature alone where no log is asked for")
  func managedKey() {
    let key = VirtualKey(.p256, seed: "managed")
    let signed = SignedFolder(key: key)
    let keyFlag = ["--key", signed.path("key.pub")]
    for bundle in ["bundle.json", "legacy.bundle"] {
      let run = signed.verify(["--bundle", signed.path(bundle)] + keyFlag + [signed.blob])
      #expect(run.status == 0)
      #expect(run.lines.last == "Verified OK")
      #expect(!run.errors.contains("Certificate subject"))
    }
    let alone = keyFlag + ["--signature", signed.path("blob.sig")]
    let run = signed.verify(alone + [signed.blob])
    #expect(run.code == "log.missing")
    #expect(run.lines.contains { $0.hasPrefix("hint: ") && $0.contains("--bundle FILE") })
    // No hint teaches to look away.
    #expect(!run.errors.contains("--insecure"))
    let ignored = signed.verify(alone + ["--insecure-ignore-tlog", signed.blob])
    #expect(ignored.status == 0)
    #expect(ignored.lines.filter { $0.hasSuffix("(log.unsafelyIgnored)") }.count == 1)
    let changed = signed.folder.write("changed", [1])
    #expect(signed.verify(alone + ["--insecure-ignore-tlog", changed]).code == "signature.mismatch")
    let other = signed.folder.write("other.pub", Array(VirtualKey(.p256, seed: "other").publicKeyPEM.utf8))
    #expect(signed.verify(["--key", other] + signed.bundle + [signed.blob]).status == 1)
    #expect(signed.verify(["--key", signed.path("blob.sig")] + signed.bundle + [signed.blob]).code == "input.key")
    #expect(signed.verify(signed.bundle + signed.signer + [signed.blob]).code == "signature.keyMissing")
    #expect(signed.verify(signed.bundle + signed.signer + [signed.blob]).status == 2)
  }

  @Test("a key that is well-formed and not fit for use")
  func badKey() {
    // P-256, and a point that is not on it.
    var key = VirtualKey(.p256, seed: "x").subjectPublicKeyInfo
    key[key.count - 1] ^= 1
    let path = signed.folder.write("bad.pub", Array(Encoding.pem("PUBLIC KEY", key).utf8))
    let run = signed.verify(signed.bundle + ["--key", path, signed.blob])
    #expect(run.code == "input.key")
    #expect(run.status == 3)
  }

  // MARK: Files

  @Test("each file is read within its limit")
  func limits() {
    let key = signed.folder.write("k.pub", Array(VirtualKey(.p256, seed: "k").publicKeyPEM.utf8))
    for (flag, limit) in [
      ("--bundle", 16 << 20), ("--signature", 256 << 10), ("--certificate", 256 << 10), ("--trusted-root", 8 << 20),
      ("--key", 64 << 10),
    ] {
      for (size, isTooLarge) in [(limit, false), (limit + 1, true)] {
        let path = signed.folder.write("large", [UInt8](repeating: 0x20, count: size))
        var flags = ["--bundle": signed.path("bundle.json"), "--trusted-root": signed.root]
        if flag == "--key" {
          flags["--key"] = key
        } else {
          flags["--certificate-identity"] = "a"
          flags["--certificate-oidc-issuer"] = "b"
        }
        flags[flag] = path
        let run = TestRun.run(["verify-blob"] + flags.flatMap { [$0.key, $0.value] } + [signed.blob])
        #expect(run.status == 3, "\(flag)")
        #expect((run.code == "input.tooLarge") == isTooLarge, "\(flag): \(run.errors)")
        #expect(run.errors.contains("in \(flag) \(path) ("))
      }
    }
  }

  @Test("the blob is opened last, and a wrong path of any file is no verdict")
  func missing() {
    let none = signed.path("none")
    for arguments in [
      ["--bundle", none] + signed.signer + [signed.blob],
      signed.bundle + ["--certificate", none] + signed.signer + [signed.blob],
      signed.bundle + ["--key", none, signed.blob], signed.bundle + signed.signer + [none],
    ] {
      let run = signed.verify(arguments)
      #expect(run.status == 4)
      #expect(run.code == "input.unreadable")
      #expect(run.errors.contains(none))
    }
    #expect(
      TestRun.run(["verify-blob", "--trusted-root", none] + signed.bundle + signed.signer + [signed.blob]).status == 4)
    let folder = signed.verify(signed.bundle + signed.signer + [signed.folder.path])
    #expect(folder.code == "input.notRegularFile")
    #expect(folder.status == 3)
  }

  @Test("--new-bundle-format: the content decides, a contradiction is told")
  func newBundleFormat() {
    for (file, value, isTold) in [
      ("bundle.json", "true", false), ("bundle.json", "false", true), ("legacy.bundle", "true", true),
      ("legacy.bundle", "false", false),
    ] {
      let run = signed.verify(
        ["--bundle", signed.path(file), "--new-bundle-format=\(value)"] + signed.signer + [signed.blob])
      #expect(run.status == 0)
      #expect(run.lines.contains { $0.contains("--new-bundle-format=\(value) has no effect") } == isTold)
    }
  }

  @Test("instances of a root file that cannot be used are told")
  func disabled() {
    var world = VirtualSigstore()
    _ = world.sign([1])
    var draft = world.trustedRoot()
    guard case .array(let logs)? = draft["tlogs"], var broken = logs.first else {
      Issue.record("no logs")
      return
    }
    var key = VirtualKey(.p256, seed: "x").subjectPublicKeyInfo
    key[key.count - 1] ^= 1
    broken["publicKey.rawBytes"] = .base64(key)
    broken["baseUrl"] = .text("https://broken\nVerified OK")
    draft["tlogs"] = .array(logs + [broken])
    let root = signed.folder.write("broken.json", draft.bytes)
    let run = TestRun.run(["verify-blob", "--trusted-root", root] + signed.bundle + signed.signer + [signed.blob])
    #expect(run.status == 0)
    #expect(
      run.lines.contains {
        $0.hasPrefix("warning: left out of the trusted root: ") && $0.hasSuffix("(trust.partlyUsable)")
      })
    #expect(run.lines.filter { $0 == "Verified OK" }.count == 1)
  }
}
