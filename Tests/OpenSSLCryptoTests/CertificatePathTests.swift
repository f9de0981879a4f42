import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Certificate paths")
struct CertificatePathTests {
  typealias D = DERWriter

  private let root = Self.authority("root")
  private let middle: VirtualAuthority
  private let issuer: VirtualAuthority
  private let leaf: [UInt8]

  init() {
    middle = Self.authority("middle", under: root)
    issuer = Self.authority("issuer", under: middle)
    leaf = Self.leaf(under: issuer)
  }

  /// Valid for one second, long ago: times are not judged here.
  private static func authority(
    _ name: String, pathLength: UInt64? = nil, under parent: VirtualAuthority? = nil, seed: String = "path",
    adjust: (inout CertificateTemplate) -> Void = { _ in }
  ) -> VirtualAuthority {
    VirtualAuthority(
      name, kind: .p256, seed: seed, notBefore: 1000, notAfter: 1001, pathLength: pathLength, under: parent,
      adjust: adjust)
  }

  private static func leaf(
    under issuer: VirtualAuthority, key: VirtualKey? = nil, extensions: [VirtualExtension] = [.keyUsage([0])]
  ) -> [UInt8] {
    let own = VirtualKey(.p256, seed: "path leaf")
    var template = CertificateTemplate(notBefore: 1000, notAfter: 1001, subjectPublicKeyInfo: own.subjectPublicKeyInfo)
    template.subject = D.name(commonName: "leaf")
    template.extensions = extensions
    return template.signed(issuer: issuer.name, key: key ?? issuer.key)
  }

  /// The path's length, or why there is none.
  private func judge(
    _ leaf: [UInt8], through untrusted: [VirtualAuthority] = [], to anchors: [VirtualAuthority]
  ) throws -> Result<Int, PathRejection> {
    let certificates = try untrusted.map { try Certificate(der: $0.certificate) }
    let store = try AnchorStore(try anchors.map { try Certificate(der: $0.certificate) })
    let start = try Certificate(der: leaf)
    do throws(PathRejection) {
      let path = try store.path(from: start, through: certificates)
      #expect(path.first?.der == leaf)
      #expect(anchors.map(\.certificate).contains(path.last?.der ?? []))
      return .success(path.count)
    } catch { return .failure(error) }
  }

  private func length(
    _ leaf: [UInt8], through untrusted: [VirtualAuthority] = [], to anchors: [VirtualAuthority]
  ) throws -> Int? {
    try? judge(leaf, through: untrusted, to: anchors).get()
  }

  private func rejection(
    _ leaf: [UInt8], through untrusted: [VirtualAuthority] = [], to anchors: [VirtualAuthority]
  ) throws -> PathRejection? {
    if case .failure(let rejection) = try judge(leaf, through: untrusted, to: anchors) { rejection } else { nil }
  }

  @Test("a path ends at an anchor, self-signed or not, by way of whatever is offered")
  func accepted() throws {
    #expect(try length(leaf, through: [issuer, middle], to: [root]) == 4)
    #expect(try length(leaf, through: [middle, issuer], to: [root]) == 4)
    #expect(try length(leaf, through: [root, middle, issuer], to: [root]) == 4)
    #expect(try length(leaf, through: [issuer], to: [middle]) == 3)
    #expect(try length(leaf, to: [issuer]) == 2)
    #expect(try length(leaf, to: [root, middle, issuer]) == 2)
    #expect(
      try length(leaf, through: [issuer, middle, Self.authority("other")], to: [Self.authority("third"), root]) == 4)
  }

  @Test("a pinned certificate is a path by itself")
  func pinned() throws {
    #expect(try length(root.certificate, to: [root]) == 1)
    #expect(try length(issuer.certificate, to: [issuer]) == 1)
  }

  @Test("a missing link, a stranger's anchor, and no anchor")
  func noIssuer() throws {
    #expect(try rejection(leaf, through: [issuer], to: [root])?.reason == .noIssuer)
    #expect(try rejection(leaf, through: [middle], to: [root])?.reason == .noIssuer)
    #expect(try rejection(leaf, to: [root])?.reason == .noIssuer)
    #expect(try rejection(leaf, through: [issuer, middle], to: [Self.authority("stranger")])?.reason == .noIssuer)
    #expect(try rejection(leaf, through: [issuer, middle, root], to: [])?.reason == .noIssuer)
    #expect(try rejection(root.certificate, to: [middle])?.reason == .noIssuer)
  }

  @Test("a signature by another key, under the right name")
  func badSignature() throws {
    let forged = Self.leaf(under: issuer, key: root.key)
    let rejection = try #require(try rejection(forged, through: [issuer, middle], to: [root]))
    #expect(rejection.reason == .badSignature)
    #expect(rejection.depth == 0)
    #expect(!rejection.text.isEmpty)
    let twin = Self.authority("issuer", under: middle, seed: "twin")
    #expect(try self.rejection(leaf, through: [twin, middle], to: [root])?.reason == .badSignature)
    var flipped = leaf
    flipped[flipped.count - 1] ^= 1
    #expect(try self.rejection(flipped, through: [issuer, middle], to: [root])?.reason == .badSignature)
  }

  @Test("an issuer that is no authority, or may not sign certificates")
  func notAuthority() throws {
    for (extensions, isAccepted) in [
      ([.basicConstraints(isAuthority: true), .keyUsage([5])], true),
      ([.basicConstraints(isAuthority: false), .keyUsage([5])], false),
      ([.keyUsage([0])], false), ([.basicConstraints(isAuthority: true), .keyUsage([0])], false), ([], false),
      ([.basicConstraints(isAuthority: true)], true),
    ] as [([VirtualExtension], Bool)] {
      let issuer = Self.authority("issuer", under: root) { $0.extensions = extensions }
      let leaf = Self.leaf(under: issuer)
      #expect(try rejection(leaf, through: [issuer], to: [root])?.reason == (isAccepted ? nil : .notAuthority))
    }
  }

  @Test("a path length counts the authorities below")
  func pathLength() throws {
    for (rootLength, middleLength, isAccepted) in [
      (3, nil, true), (2, nil, false), (0, nil, false), (nil, 1, true), (nil, 0, false), (3, 1, true), (3, 0, false),
      (2, 1, false),
    ] as [(UInt64?, UInt64?, Bool)] {
      let top = Self.authority("top", pathLength: rootLength)
      let root = Self.authority("root", under: top)
      let middle = Self.authority("middle", pathLength: middleLength, under: root)
      let issuer = Self.authority("issuer", under: middle)
      let found = try rejection(Self.leaf(under: issuer), through: [issuer, middle, root], to: [top])
      #expect(found?.reason == (isAccepted ? nil : .pathLength), "\(String(describing: rootLength))")
    }
  }

  @Test("a chain of more than ten links is not followed to its end")
  func longChain() throws {
    var chain = [root]
    for number in 0..<20 { chain.append(Self.authority("link \(number)", under: chain[number])) }
    let leaf = { (count: Int) in Self.leaf(under: chain[count]) }
    #expect(try length(leaf(10), through: Array(chain[1...10]), to: [root]) == 12)
    #expect(try rejection(leaf(11), through: Array(chain[1...11]), to: [root])?.reason == .pathLength)
    #expect(try rejection(leaf(20), through: Array(chain[1...20]), to: [root])?.reason == .pathLength)
  }

  @Test("case 84: a critical extension that nobody knows")
  func criticalExtension() throws {
    for (isCritical, reason) in [(true, .criticalExtension), (false, nil)] as [(Bool, PathRejection.Reason?)] {
      let odd = VirtualExtension("1.2.3.4", isCritical: isCritical, [0x05, 0x00])
      let leaf = Self.leaf(under: issuer, extensions: [.keyUsage([0]), odd])
      let found = try rejection(leaf, through: [issuer, middle], to: [root])
      #expect(found?.reason == reason)
      #expect(found?.depth == (isCritical ? 0 : nil))
      let authority = Self.authority("issuer", under: root) { $0.extensions.append(odd) }
      #expect(try rejection(Self.leaf(under: authority), through: [authority], to: [root])?.reason == reason)
    }
  }

  @Test("a signature over SHA-1 in the path is refused before it is looked at")
  func weakHash() throws {
    var parts = CertificateParts()
    parts.issuer = root.name
    parts.algorithm = D.sequence(D.identifier("1.2.840.10045.4.1"))
    #expect(try rejection(parts.encoding, to: [root])?.reason == .weakAlgorithm)
    parts.algorithm = D.sequence(D.identifier("1.2.840.10045.4.3.2"))
    #expect(try rejection(parts.encoding, to: [root])?.reason == .badSignature)
  }
}
