import Testing
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

/// `verify-blob-attestation`.
@Suite("verify-blob-attestation")
struct AttestationCommandTests {
  private static let artifact = Array("an artifact\n".utf8)
  private static let provenance = "https://slsa.dev/provenance/v1"
  private static let digest = Encoding.hex(HashName.sha256(artifact))

  private let folder = TestFolder()
  private let blob: String
  private let root: String
  private let material: SignedMaterial

  init() {
    var world = VirtualSigstore()
    material = world.attest(EnvelopeDraft(about: Self.artifact), of: Self.artifact, entry: .intoto2)
    blob = folder.write("blob", Self.artifact)
    root = folder.write("root.json", world.trustedRoot().bytes)
    folder.write("bundle.json", material.bundle().bytes)
    folder.write("envelope.json", EnvelopeDraft(about: Self.artifact).text(material.signature))
    folder.write("blob.pem", material.looseCertificate)
    var legacy = material.legacyBundle
    legacy["base64Signature"] = .base64(EnvelopeDraft(about: Self.artifact).text(material.signature))
    folder.write("legacy.bundle", legacy.bytes)
  }

  private var signer: [String] {
    ["--certificate-identity", SignedFolder.identity, "--certificate-oidc-issuer", SignedFolder.issuer]
  }

  private func path(_ name: String) -> String { folder.path + "/" + name }

  private func verify(_ arguments: [String], bundle: String? = "bundle.json", name: String = "nexo-verify") -> TestRun {
    TestRun.run(
      ["verify-blob-attestation", "--trusted-root", root] + signer + (bundle.map { ["--bundle", path($0)] } ?? [])
        + arguments, name: name)
  }

  @Test("the type by its URI and by its short name; the answer says what was attested")
  func accepted() throws {
    for type in [Self.provenance, "slsaprovenance1"] {
      let run = verify(["--type", type, blob])
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        run.lines == [
          "Certificate subject: \(SignedFolder.identity)", "Predicate type: \(Self.provenance)", "Verified OK",
        ])
    }
    #expect(verify(["--type", "slsaprovenance1", blob], name: "cosign").errors == "Verified OK\n")
    let json = try verify(["--json", "--type", Self.provenance, blob]).json
    #expect(try json.field("command").string() == "verify-blob-attestation")
    #expect(try json.field("statement").field("predicateType").string() == Self.provenance)
    #expect(try json.field("statement").field("subject").string() == "blob")
    #expect(try json.field("digest").string() == "sha256:" + Self.digest)
  }

  @Test("case 12: the type is always compared; without the flag it is cosign's custom")
  func type() {
    #expect(verify([blob]).code == "attestation.typeMismatch")
    for type in ["custom", "slsaprovenance", "spdx", "vuln", "https://slsa.dev/provenance/v0.1"] {
      let run = verify(["--type", type, blob])
      #expect(run.status == 1)
      #expect(run.code == "attestation.typeMismatch")
    }
    for type in ["slsa", "SLSAProvenance1", "x", "://x", "slsaprovenance1 "] {
      #expect(verify(["--type", type, blob]).code == "usage.flag", "\(type)")
    }
    let any = verify(["--type", "any", blob])
    #expect(any.status == 0)
    #expect(any.lines.first?.hasSuffix("(attestation.typeUnsafelyIgnored)") == true)
  }

  @Test("cosign's short names are the types that it writes")
  func names() {
    #expect(
      AttestationType.names.map(\.key).sorted()
        == [
          "custom", "cyclonedx", "link", "openvex", "slsaprovenance", "slsaprovenance02", "slsaprovenance1", "spdx",
          "spdxjson", "vuln",
        ])
  }

  @Test("another file, and a digest in place of one")
  func subject() {
    let other = folder.write("other", [1])
    #expect(verify(["--type", "any", other]).code == "attestation.subjectMismatch")
    #expect(verify(["--type", "any", "--digest", Self.digest]).status == 0)
    #expect(verify(["--type", "any", "--digest", Self.digest, "--digestAlg", "sha256"]).status == 0)
    #expect(verify(["--type", "any", "sha256:" + Self.digest]).status == 0)
    #expect(
      verify(["--type", "any", "--digest", String(repeating: "0", count: 64)]).code == "attestation.subjectMismatch")
    #expect(
      verify(["--type", "any", "--digest", Encoding.hex(HashName.sha512(Self.artifact)), "--digestAlg", "sha512"]).code
        == "signature.digestUnavailable")
    for arguments in [
      ["--digest", Self.digest, blob], ["--digest", "00"], ["--digest", Self.digest, "--digestAlg", "sha512"],
      ["--digest", Self.digest, "--digestAlg", "md5"], ["--digestAlg", "sha256", blob],
      ["--digest=" + Self.digest + "0"],
    ] {
      #expect(verify(["--type", "any"] + arguments).code == "usage.flag", "\(arguments)")
    }
  }

  @Test("--check-claims=false: no file is needed, and the answer says that none was compared")
  func claims() {
    for arguments in [["--check-claims=false"], ["--check-claims=false", folder.write("other", [1])]] {
      let run = verify(["--type", "any"] + arguments)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.lines.first?.hasSuffix("(attestation.subjectUnsafelyIgnored)") == true)
    }
    #expect(verify(["--type", "any"]).code == "usage.flag")
    #expect(verify(["--type", "any", "--check-claims"]).code == "usage.flag")
    #expect(verify(["--type", "custom", "--check-claims=false"]).code == "attestation.typeMismatch")
  }

  @Test("cosign's own bundle of an attestation, whose signature is the envelope")
  func legacy() {
    #expect(verify(["--type", Self.provenance, blob], bundle: "legacy.bundle").status == 0)
    let run = TestRun.run(
      ["verify-blob", "--trusted-root", root, "--bundle", path("legacy.bundle")] + signer + [blob])
    #expect(run.code == "bundle.unsupported")
  }

  @Test("the envelope and the certificate as files: beside a bundle they must agree, alone they lack the log entry")
  func loose() {
    let files = ["--signature", path("envelope.json"), "--certificate", path("blob.pem")]
    #expect(verify(["--type", "any", blob] + files).status == 0)
    #expect(verify(["--type", "any", blob] + files, bundle: nil).code == "log.missing")
    let other = folder.write("other.json", EnvelopeDraft(about: [1]).text(material.signature))
    #expect(
      verify(["--type", "any", "--signature", other, blob]).code == "input.disagreesWithBundle")
    #expect(verify(["--type", "any", "--signature", path("blob.pem"), blob]).code == "bundle.json")
  }

  @Test("flags of one command are no flags of the other")
  func flags() {
    let run = TestRun.run(["verify-blob", "--type", "any", "--key=k", "--bundle=b", blob])
    #expect(run.code == "usage.flag")
    #expect(run.lines.last == "hint: it belongs to verify-blob-attestation")
    #expect(verify(["--checksums", "x", blob]).code == "usage.flag")
    #expect(verify(["--type", "any", blob, blob]).code == "usage.flag")
  }
}
