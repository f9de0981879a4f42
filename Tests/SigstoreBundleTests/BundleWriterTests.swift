import SigstoreBundle
import Testing
import VirtualSigstore
import WireCoding

@Suite("Writing a bundle of version 0.3")
struct BundleWriterTests {
  private static func kinds(_ bundle: Bundle) -> [LogEntry.KindVersion] {
    bundle.logEntries.map { _ in LogEntry.KindVersion(kind: "hashedrekord", version: "0.0.1") }
  }

  @Test("holds what was read, whichever shape it came in", arguments: SignedMaterial.Version.allCases)
  func roundTrip(version: SignedMaterial.Version) throws {
    var world = VirtualSigstore()
    world.addTimestampAuthority()
    let bundle = try Bundle(parsing: world.sign(Array("x".utf8)).bundle(version).bytes)
    let written = try Bundle(parsing: try bundle.version3(kindVersions: Self.kinds(bundle), digest: nil))
    #expect(written.origin == .v0_3)
    #expect(written.content == bundle.content && written.timestamps == bundle.timestamps)
    #expect(written.logEntries.map(\.proof) == bundle.logEntries.map(\.proof))
    #expect(written.logEntries.map(\.promise) == bundle.logEntries.map(\.promise))
    #expect(written.logEntries.map(\.logIndex) == bundle.logEntries.map(\.logIndex))
    #expect(written.logEntries.map(\.integratedTime) == bundle.logEntries.map(\.integratedTime))
    guard case .certificate(let leaf, _) = bundle.keyMaterial else { return #expect(Bool(false)) }
    #expect(written.keyMaterial == .certificate(leaf: leaf, others: []))
  }

  @Test("an envelope, a managed key, a log of version 2")
  func others() throws {
    var world = VirtualSigstore()
    let artifact = Array("x".utf8)
    let attested = try Bundle(
      parsing: world.attest(EnvelopeDraft(payload: Array("{}".utf8)), of: artifact).bundle().bytes)
    let key = try Bundle(parsing: world.sign(artifact, withManagedKey: VirtualKey(.p256, seed: "k")).bundle().bytes)
    world.useTiledLog()
    let tiled = try Bundle(parsing: world.sign(artifact).bundle().bytes)
    for bundle in [attested, key, tiled] {
      let written = try Bundle(parsing: try bundle.version3(kindVersions: Self.kinds(bundle), digest: nil))
      #expect(written.content == bundle.content && written.keyMaterial == bundle.keyMaterial)
      #expect(written.logEntries.map(\.canonicalizedBody) == bundle.logEntries.map(\.canonicalizedBody))
      #expect(written.timestamps == bundle.timestamps)
    }
  }

  @Test("an entry without proof, or with one that nobody signed, does not fit")
  func promiseOnly() throws {
    var world = VirtualSigstore()
    let legacy = try Bundle(parsing: world.sign(Array("x".utf8)).legacyBundle.bytes)
    let failure = #expect(throws: BundleFailure.self) {
      try legacy.version3(kindVersions: Self.kinds(legacy), digest: nil)
    }
    #expect(failure?.code == .fieldMissing)
  }

  @Test("texts that need it are escaped")
  func escapes() throws {
    let bundle = Bundle(
      origin: .v0_3, keyMaterial: .publicKey(hint: "a\"b\\c\n\u{1}\u{1f}é", embedded: nil), logEntries: [],
      timestamps: [],
      content: .message(MessageSignature(signature: [1], digest: nil)))
    let written = try Bundle(
      parsing: try bundle.version3(kindVersions: [], digest: Digest(.sha256, [UInt8](repeating: 7, count: 32))))
    #expect(written.keyMaterial == bundle.keyMaterial)
    #expect(written.content.digest?.bytes == [UInt8](repeating: 7, count: 32))
  }
}
