import Foundation
import OpenSSLCrypto
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import Support
import Testing
import VirtualSigstore
import WireCoding

/// The project's own cases, as files: see Tests/Vectors/SOURCES.md.
@Suite("Tests/Vectors")
struct VectorTests {
  static let cases = ProjectFolder.vectors + "/cases"
  static let demo = ProjectFolder.vectors + "/demo"
  static let folders = CaseFolder.all(in: cases)

  @Test("every case is answered as its expect file says", arguments: folders)
  func answer(folder: CaseFolder) throws {
    let answer = try judge(folder, sharedRoot: Self.cases + "/" + VectorCase.trustedRoot)
    let expected = try #require(folder.line("expect"))
    #expect(answer.code == (expected == "pass" ? Answer.accepted : expected), "\(answer)")
  }

  @Test("the files are those that the kit makes now: refresh them with NEXO_WRITE_VECTORS=1")
  func upToDate() throws {
    #expect(!Self.folders.isEmpty)
    #expect(Self.folders.map(\.name) == VectorCase.all.map(\.name).sorted())
    for vector in VectorCase.all {
      let files = vector.files
      let folder = Self.cases + "/" + vector.name
      #expect(ProjectFolder.names(in: folder) == files.keys.sorted())
      for (name, bytes) in files {
        #expect(ProjectFolder.contents(folder + "/" + name) == bytes, "\(vector.name)/\(name)")
      }
    }
    #expect(ProjectFolder.contents(Self.cases + "/" + VectorCase.trustedRoot) == VectorCase.sharedRoot)
    for (name, bytes) in VectorCase.demo {
      #expect(ProjectFolder.contents(Self.demo + "/" + name) == bytes, "demo/\(name)")
    }
  }

  @Test("the cases cover every family of codes")
  func families() {
    let families = Set(VectorCase.all.map { $0.expect.split(separator: ".").first.map(String.init) ?? "" })
    #expect(
      families == [
        "pass", "bundle", "input", "log", "times", "chain", "sct", "identity", "signature", "entryBody", "trust",
        "attestation",
      ])
  }

  @Test("the sample of scripts/demo verifies, and a changed copy does not")
  func demoSample() throws {
    let files = VectorCase.demo
    let artifact = try #require(files["artifact.txt"])
    let bundle = try #require(files["bundle.json"])
    let world = World()
    try world.judge(bundle, artifact: artifact).expect(Answer.accepted, at: nil)
    try world.judge(bundle, artifact: [0x58] + artifact.dropFirst()).expect("signature.mismatch", at: .signature)
  }
}

/// Writes Tests/Vectors anew; runs only when it is asked to.
@Suite("VectorWriter", .enabled(if: ProcessInfo.processInfo.environment["NEXO_WRITE_VECTORS"] == "1"))
struct VectorWriter {
  @Test("writes the cases and the demo")
  func write() throws {
    try? FileManager.default.removeItem(atPath: VectorTests.cases)
    for vector in VectorCase.all { try write(vector.files, to: VectorTests.cases + "/" + vector.name) }
    try write([VectorCase.trustedRoot: VectorCase.sharedRoot], to: VectorTests.cases)
    try write(VectorCase.demo, to: VectorTests.demo)
  }

  private func write(_ files: [String: [UInt8]], to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: folder + "/" + name)) }
  }
}

/// Judges a case folder as a program would: from its files alone.
func judge(_ folder: CaseFolder, sharedRoot: String) throws -> Answer {
  let root: TrustedRoot
  let bundle: SigstoreBundle.Bundle
  do throws(BundleFailure) {
    root = try TrustedRoot(
      parsing: folder.file(VectorCase.trustedRoot) ?? ProjectFolder.contents(sharedRoot) ?? [])
    bundle = try readBundle(folder)
  } catch { return Answer(unread: error) }
  var artifact: ArtifactDigests
  if let text = folder.line("digest.txt") {
    let hex = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
    artifact = try ArtifactDigests([try #require(Digest(.sha256, try Hex.decode(hex)))])
  } else {
    artifact = try digests(try #require(folder.file("artifact")))
  }
  let signer: ExpectedSigner
  if let key = folder.file("key.pub") {
    signer = .key(try PublicKey(subjectPublicKeyInfo: try LooseFile.publicKey(key)))
  } else {
    signer = .identity(
      SignerPolicy(
        identity: .exact(try #require(folder.line("identity"))), issuer: .exact(try #require(folder.line("issuer")))))
  }
  // As the conformance protocol has it: one command for both, and no type of statement named.
  var content = ExpectedContent.blob
  if case .envelope = bundle.content { content = .statement(StatementPolicy(predicateType: nil)) }
  return Answer(
    Verifier(anchors: TrustAnchors(root)).verify(
      bundle, artifact: artifact, policy: VerificationPolicy(signer: signer, content: content),
      at: UnixTime(seconds: World().clock)))
}

/// The bundle, with the loose files beside it compared; or the loose files alone.
private func readBundle(_ folder: CaseFolder) throws(BundleFailure) -> SigstoreBundle.Bundle {
  let (signature, certificate) = (folder.file("sig"), folder.file("cert"))
  if let file = folder.file("bundle.json") {
    let bundle = try SigstoreBundle.Bundle(parsing: file)
    try bundle.checkAgreement(looseSignature: signature, certificate: certificate)
    return bundle
  }
  return try SigstoreBundle.Bundle(looseSignature: signature ?? [], certificate: certificate ?? [])
}
