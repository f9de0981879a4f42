import Foundation
import SigstoreBundle
import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

/// Every single-byte change of a good bundle must be refused, or lie in a place that `allowed` names with its reason.
///
/// Each byte of each shape is changed in one of two ways. `NEXO_THOROUGH=1` makes every change of every byte in more shapes, which
/// takes minutes.
@Suite("One byte changed anywhere")
struct MutationTests {
  struct Subject: Sendable, CustomTestStringConvertible {
    let shape: Shape
    var isManaged = false
    /// In Rekor v2, with a timestamp.
    var isTiled = false
    /// An attestation, logged in an entry of this kind.
    var statement: EntryDraft?

    var testDescription: String {
      shape.rawValue + (isManaged ? " by a managed key" : "") + (isTiled ? " in a tiled log" : "")
        + (statement.map { " of an attestation as \($0.rawValue)" } ?? "")
    }
  }

  /// A place whose bytes decide nothing, and why that is no hole.
  struct Allowance: Sendable {
    let text: String
    let reason: String
    /// What stands around it, where the text alone is not unique.
    var behind = ""
  }

  static let isThorough = ProcessInfo.processInfo.environment["NEXO_THOROUGH"] == "1"

  static let subjects =
    isThorough
    ? Shape.allCases.flatMap { [Subject(shape: $0), Subject(shape: $0, isManaged: true)] }
    : [
      Subject(shape: .legacy), Subject(shape: .v0_1), Subject(shape: .v0_2), Subject(shape: .v0_3),
      Subject(shape: .legacy, isManaged: true), Subject(shape: .v0_3, isManaged: true),
    ] + modern

  private static let modern = [
    Subject(shape: .v0_3, isTiled: true), Subject(shape: .v0_3, statement: .dsse1),
    Subject(shape: .v0_3, statement: .intoto2), Subject(shape: .v0_3, isTiled: true, statement: .hashedRekord2),
  ]

  /// As small as a leaf can be, so that there are fewer bytes to change.
  private static func smallLeaf(_ world: World) -> LeafRequest {
    var request = world.leafRequest()
    request.claims = [8: VirtualSigstore.issuer]
    return request
  }

  /// The bytes to put in place of one: a changed bit, and a letter that is at home in base64, hex and text.
  private static func changes(_ byte: UInt8, at position: Int) -> [UInt8] {
    let all = [byte ^ 1, UInt8(ascii: "A")].filter { $0 != byte }
    return isThorough ? all : [all[position % all.count]]
  }

  private static func allowed(_ subject: Subject, _ material: SignedMaterial, _ world: World) -> [Allowance] {
    guard subject.shape != .legacy else {
      guard subject.isManaged else { return [] }
      return [
        Allowance(
          text: "cert", reason: "under another name there is no key; the caller's key decides", behind: "\"")
      ]
    }
    var list: [Allowance] = []
    if subject.statement == nil {
      list.append(
        Allowance(
          text: "messageDigest",
          reason:
            "under another name the field is unknown and ignored: the digest is an optional hint, the artifact is hashed anyway"
        ))
    }
    if !subject.isTiled {
      list.append(
        Allowance(
          text: world.sigstore.rekor.host,
          reason:
            "the key name of a Rekor v1 signature line is not signed; the hint and the key decide (tiled logs: compared)",
          behind: "\\n\\n— "))
    }
    if subject.shape == .v0_1 {
      let why =
        "v0.1 rests on its promise; without the field the proof leads nowhere, which is reported as log.promiseOnly"
      list += ["inclusionProof", "checkpoint", "envelope"].map { Allowance(text: $0, reason: why, behind: "\"") }
    }
    if subject.isManaged {
      list.append(
        Allowance(text: "hint", reason: "under another name there is no hint; the caller names the key", behind: "\""))
      list.append(
        Allowance(
          text: Encoding.base64(HashName.sha256(material.verifier.der)),
          reason: "the hint of a managed key is not authenticated and not used", behind: "\"hint\":\""))
      if subject.shape != .v0_1 {
        list.append(
          Allowance(
            text: "inclusionPromise",
            reason: "a managed key needs no time; the proof stays, and is reported as log.inclusionOnly", behind: "\""))
      }
      let version: Character? = [.v0_2: "2", .v0_3Old: "3"][subject.shape]
      if let version {
        list.append(
          Allowance(
            text: String(version), reason: "v0.2 and v0.3 ask for the same evidence and differ in certificates alone",
            behind: "version=0."))
      }
    } else if subject.shape == .v0_1 || subject.shape == .v0_2 {
      list.append(
        Allowance(
          text: Encoding.base64(material.chain[0]),
          reason: "no path leads through what a bundle brings; the trusted root's own intermediate issued the leaf"))
    }
    return list
  }

  private static func material(_ subject: Subject, _ world: inout World) -> SignedMaterial {
    if subject.isTiled { world.sigstore.useTiledLog() }
    if let kind = subject.statement { return world.attest(entry: kind, as: smallLeaf(world)) }
    return subject.isManaged ? world.signWithManagedKey() : world.sign(as: smallLeaf(world))
  }

  @Test("is refused, or decides nothing for a stated reason", arguments: subjects)
  func everyByte(subject: Subject) throws {
    var world = World()
    let material = Self.material(subject, &world)
    let good = subject.shape.render(material).bytes
    let (verifier, policy) = (try world.verifier, try world.policy)
    let (artifact, clock) = (try digests(World.artifact), UnixTime(seconds: world.clock))
    func isAccepted(_ file: [UInt8]) -> Bool {
      guard let bundle = try? Bundle(parsing: file) else { return false }
      return verifier.verify(bundle, artifact: artifact, policy: policy, at: clock).isVerified
    }
    #expect(isAccepted(good))

    let allowances = Self.allowed(subject, material, world)
    var places: [Range<Int>] = []
    for allowance in allowances {
      let pattern = Array((allowance.behind + allowance.text).utf8)
      let found = good.ranges(of: pattern)
      #expect(found.count == 1, "\(allowance.text) is there \(found.count) times")
      if let place = found.first { places.append(place.dropFirst(allowance.behind.utf8.count)) }
    }
    var used = Set<Int>()
    var changed = good
    for position in good.indices {
      for byte in Self.changes(good[position], at: position) {
        changed[position] = byte
        guard isAccepted(changed) else { continue }
        guard let place = places.firstIndex(where: { $0.contains(position) }) else {
          let around = String(decoding: good[max(0, position - 40)..<min(good.count, position + 10)], as: UTF8.self)
          Issue.record("accepted: byte \(position) made \(byte), around \(around)")
          continue
        }
        used.insert(place)
      }
      changed[position] = good[position]
    }
    for (index, allowance) in allowances.enumerated() where !used.contains(index) {
      Issue.record("no longer accepted, so it needs no place on the list: \(allowance.text) (\(allowance.reason))")
    }
  }

  @Test("with one byte less is refused like a changed one", .enabled(if: isThorough), arguments: Shape.allCases)
  func withoutOneByte(shape: Shape) throws {
    var world = World()
    let material = world.sign(as: Self.smallLeaf(world))
    let good = shape.render(material).bytes
    let (verifier, policy) = (try world.verifier, try world.policy)
    let artifact = try digests(World.artifact)
    let places = Self.allowed(Subject(shape: shape), material, world).compactMap { allowance in
      good.firstRange(of: Array((allowance.behind + allowance.text).utf8))
    }
    for position in good.indices where !places.contains(where: { $0.contains(position) }) {
      var changed = good
      changed.remove(at: position)
      guard let bundle = try? Bundle(parsing: changed) else { continue }
      let verdict = verifier.verify(bundle, artifact: artifact, policy: policy, at: UnixTime(seconds: world.clock))
      #expect(!verdict.isVerified, "without byte \(position)")
    }
  }

  @Test("cut short, or with a byte behind it, no bundle is read", arguments: Shape.allCases)
  func truncated(shape: Shape) {
    var world = World()
    let good = shape.render(world.sign(as: Self.smallLeaf(world))).bytes
    for length in stride(from: 0, to: good.count, by: Self.isThorough ? 1 : 13) {
      #expect(throws: BundleFailure.self) { try Bundle(parsing: Array(good[..<length])) }
    }
    #expect(throws: BundleFailure.self) { try Bundle(parsing: good.dropLast()) }
    for extra: UInt8 in [0x00, 0x41, 0x7b, 0x7d, 0xff] {
      #expect(throws: BundleFailure.self) { try Bundle(parsing: good + [extra]) }
    }
  }
}
