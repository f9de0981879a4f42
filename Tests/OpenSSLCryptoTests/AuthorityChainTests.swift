import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("An authority's own chain")
struct AuthorityChainTests {
  private let root = Self.authority("root")
  private let middle: VirtualAuthority
  private let issuer: VirtualAuthority

  init() {
    middle = Self.authority("middle", under: root)
    issuer = Self.authority("issuer", under: middle)
  }

  private static func authority(_ name: String, under parent: VirtualAuthority? = nil, seed: String = "chain")
    -> VirtualAuthority
  {
    VirtualAuthority(name, kind: .p256, seed: seed, notBefore: 1000, notAfter: 1001, under: parent)
  }

  private func failure(_ encodings: [[UInt8]]) -> CryptoFailure.Kind? {
    do throws(CryptoFailure) {
      _ = try AuthorityChain(encodings)
      return nil
    } catch { return error.kind }
  }

  @Test("one chain, in order, whether its last certificate is self-signed or not")
  func accepted() throws {
    for authorities in [[root], [middle], [middle, root], [issuer, middle, root], [issuer, middle], [issuer]] {
      let chain = try AuthorityChain(authorities.map(\.certificate))
      #expect(chain.certificates.map(\.der) == authorities.map(\.certificate))
      #expect(chain.first.der == authorities.first?.certificate)
    }
  }

  @Test("anything else is refused")
  func refused() {
    let stranger = Self.authority("stranger")
    let twin = Self.authority("middle", seed: "twin")
    for authorities in [
      [], [root, middle], [middle, issuer, root], [issuer, root], [issuer, root, middle], [issuer, middle, stranger],
      [stranger, middle, root],
      [issuer, twin], [middle, root, root], [root, root], [issuer, middle, middle, root],
      [issuer, stranger, middle, root],
    ] {
      #expect(failure(authorities.map(\.certificate)) == .certificateMalformed, "\(authorities.count)")
    }
    #expect(failure([issuer.certificate, middle.certificate + [0], root.certificate]) == .certificateMalformed)
    var forged = issuer.certificate
    forged[forged.count - 1] ^= 1
    #expect(failure([forged, middle.certificate, root.certificate]) == .certificateMalformed)
  }

  @Test("a leaf is followed through the chain to its last certificate, and to no other")
  func paths() throws {
    let key = VirtualKey(.p256, seed: "chain leaf")
    var template = CertificateTemplate(notBefore: 1000, notAfter: 1001, subjectPublicKeyInfo: key.subjectPublicKeyInfo)
    template.subject = DERWriter.name(commonName: "leaf")
    template.extensions = [.keyUsage([0])]
    let leaf = try Certificate(der: template.signed(issuer: issuer.name, key: issuer.key))
    let chain = try AuthorityChain([issuer, middle, root].map(\.certificate))
    #expect(
      try chain.path(from: leaf).map(\.der) == [leaf.der, issuer.certificate, middle.certificate, root.certificate])
    let partial = try AuthorityChain([middle, root].map(\.certificate))
    let missing = #expect(throws: PathRejection.self) { _ = try partial.path(from: leaf) }
    #expect(missing?.reason == .noIssuer)
    let stranger = try AuthorityChain([Self.authority("stranger").certificate])
    let refused = #expect(throws: PathRejection.self) { _ = try stranger.path(from: leaf) }
    #expect(refused?.reason == .noIssuer)
    // From the second of the chain there is a path to the last, but it is not the whole.
    let above = try Certificate(der: template.signed(issuer: middle.name, key: middle.key))
    #expect(try chain.path(from: above).map(\.der) == [above.der, middle.certificate, root.certificate])
    #expect(try chain.wholePath(from: leaf).map(\.der) == chain.path(from: leaf).map(\.der))
    let partway = #expect(throws: PathRejection.self) { _ = try chain.wholePath(from: above) }
    #expect(partway?.reason == .noIssuer)
  }
}
