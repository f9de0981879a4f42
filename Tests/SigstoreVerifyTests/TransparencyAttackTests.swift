import SigstoreVerify
import Testing
import VirtualSigstore
import WireCoding

@Suite("Certificates: did a certificate log see the leaf?")
struct TransparencyAttackTests {
  private static func sct(_ change: @escaping @Sendable (inout SCTRequest) -> Void)
    -> @Sendable (inout World) -> JSONDraft
  {
    { world in
      var request = world.leafRequest()
      change(&request.sct)
      return world.sign(as: request).bundle()
    }
  }

  /// An SCT extension made by hand.
  private static func list(_ value: [UInt8]) -> @Sendable (inout World) -> JSONDraft {
    { world in
      var request = world.leafRequest()
      request.sct.count = 0
      request.extensions = [VirtualExtension("1.3.6.1.4.1.11129.2.4.2", value)]
      return world.sign(as: request).bundle()
    }
  }

  static let timestamps: [Attack] = [
    Attack("no SCT", .sct, "sct.missing", sct { $0.count = 0 }),
    Attack("an empty list", .sct, "sct.missing", list(DERWriter.octets([0, 0]))),
    Attack("a list that is no list", .sct, "sct.malformed", list([1, 2, 3])),
    Attack("a list cut short", .sct, "sct.malformed", list(DERWriter.octets([0, 9, 0, 7, 1]))),
    Attack("bytes left over in the list", .sct, "sct.malformed", sct { $0.leftover = [0] }),
    Attack("signed by another key", .sct, "sct.untrusted", sct { $0.signingKey = VirtualKey(.p256, seed: "x") }),
    Attack(
      "over another issuer's key", .sct, "sct.untrusted", sct { $0.issuerKeyHash = Array(repeating: 1, count: 32) }),
    Attack("a log that the trusted root does not hold", .sct, "sct.untrusted") { world in
      let trusted = world.sigstore.trustedRoot()["ctlogs"]
      world.editRoot = { $0["ctlogs"] = trusted }
      world.sigstore.fulcio.log = VirtualCTLog(seed: "unknown")
      return world.sign().bundle()
    },
    Attack("an SCT of another certificate", .sct, "sct.untrusted") { world in
      // The leaf is changed after its SCT was made, and signed anew by the authority itself.
      let request = world.leafRequest()
      var moved = request
      moved.claims[3] = "fedcba9876543210fedcba9876543210fedcba98"
      let value = try #require(sctExtension(in: world.sigstore.fulcio.issue(moved)))
      var stolen = request
      stolen.sct.count = 0
      stolen.extensions = [VirtualExtension("1.3.6.1.4.1.11129.2.4.2", value)]
      return world.sign(as: stolen).bundle()
    },
    Attack("two SCTs, the second by another key", .sct, "sct.untrusted") { world in
      var request = world.leafRequest()
      let good = try #require(sctExtension(in: world.sigstore.fulcio.issue(request)))
      var bad = request
      bad.sct.signingKey = VirtualKey(.p256, seed: "x")
      let other = try #require(sctExtension(in: world.sigstore.fulcio.issue(bad)))
      let entries =
        Array(good.dropFirst(headerLength(good)).dropFirst(2))
        + Array(other.dropFirst(headerLength(other)).dropFirst(2))
      request.sct.count = 0
      request.extensions = [
        VirtualExtension(
          "1.3.6.1.4.1.11129.2.4.2",
          DERWriter.octets(Encoding.bigEndian(UInt64(entries.count), 2) + entries))
      ]
      return world.sign(as: request).bundle()
    },
    Attack(accepted: "an SCT with extensions", sct { $0.extensions = [1, 2, 3] }),
    Attack(accepted: "two SCTs of one log", sct { $0.count = 2 }),
  ]

  @Test("case 39: SCT missing, wrong key, wrong issuer key hash, bytes left over", arguments: timestamps)
  func timestamp(attack: Attack) throws { try attack.check() }

  struct Window: Sendable, CustomTestStringConvertible {
    let start: String?
    let end: String?
    let isAccepted: Bool
    var testDescription: String { "\(start ?? "open") to \(end ?? "open") -> \(isAccepted)" }
  }

  /// The SCT was made at 2023-11-14T22:12:21.123Z.
  static let windows = [
    Window(start: "2023-11-14T22:12:21.123Z", end: nil, isAccepted: true),
    Window(start: nil, end: "2023-11-14T22:12:21.123Z", isAccepted: true),
    Window(start: nil, end: nil, isAccepted: true),
    Window(start: "2023-11-14T22:12:21.124Z", end: nil, isAccepted: false),
    Window(start: nil, end: "2023-11-14T22:12:21.122Z", isAccepted: false),
    Window(start: "2024-01-01T00:00:00Z", end: nil, isAccepted: false),
  ]

  @Test("case 39: an SCT outside its log's window, to the millisecond; ends inclusive", arguments: windows)
  func window(window: Window) throws {
    var world = World()
    let draft = world.sign().bundle()
    world.editRoot = { root in
      root["ctlogs.0.publicKey.validFor"] = .object(
        [("start", window.start), ("end", window.end)].compactMap { name, time in time.map { (name, .text($0)) } })
    }
    let answer = try world.judge(draft)
    answer.expect(window.isAccepted ? Answer.accepted : "sct.keyNotValid", at: window.isAccepted ? nil : .sct)
  }

  @Test("case 81: a leaf without SCT is refused in every shape", arguments: Shape.allCases)
  func missing(shape: Shape) throws {
    var world = World()
    var request = world.leafRequest()
    request.sct.count = 0
    try world.judge(shape.render(world.sign(as: request))).expect("sct.missing", at: .sct)
  }

  // MARK: Reading back what the kit wrote

  /// Contents of the SCT extension's OCTET STRING.
  private static func sctExtension(in certificate: [UInt8]) -> [UInt8]? {
    let identifier = DERWriter.identifier("1.3.6.1.4.1.11129.2.4.2")
    guard let start = certificate.firstRange(of: identifier)?.upperBound else { return nil }
    let rest = Array(certificate[start...])
    return Array(rest.dropFirst(headerLength(rest)).prefix(contentLength(rest)))
  }

  private static func headerLength(_ element: [UInt8]) -> Int { element[1] < 0x80 ? 2 : 2 + Int(element[1] & 0x7f) }

  private static func contentLength(_ element: [UInt8]) -> Int {
    guard element[1] >= 0x80 else { return Int(element[1]) }
    return element[2..<headerLength(element)].reduce(0) { $0 << 8 | Int($1) }
  }
}
