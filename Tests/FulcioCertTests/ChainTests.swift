import FulcioCert
import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

/// Chains of the virtual Fulcio, judged by the product.
struct ChainWorld {
  var world = VirtualSigstore()
  var now: Int64 { world.now }

  func authority(_ authorities: [VirtualAuthority]? = nil, window: TimeWindow = TimeWindow(start: nil, end: nil)) throws
    -> CertificateAuthority
  {
    try CertificateAuthority(
      certificates: (authorities ?? world.fulcio.authorities).map(\.certificate), validFor: window)
  }

  func leaf(_ change: (inout LeafRequest) -> Void = { _ in }) -> [UInt8] {
    var request = world.leafRequest()
    change(&request)
    return world.fulcio.issue(request)
  }

  /// The code with which the chain is refused; nil where it is accepted.
  func code(
    _ leaf: [UInt8], others: [[UInt8]] = [], authorities: [CertificateAuthority]? = nil, at times: [Int64]? = nil
  ) throws -> FulcioCode? {
    let authorities = try authorities ?? [authority()]
    do throws(FulcioFailure) {
      _ = try verifyChain(
        leaf: decodeLeaf(leaf), others: others, authorities: authorities,
        validAt: (times ?? [now]).map { UnixTime(seconds: $0) })
      return nil
    } catch { return error.code }
  }
}

@Suite("Chains")
struct ChainTests {
  private let world = ChainWorld()
  private let purpose = "1.3.6.1.5.5.7.3.3"

  @Test("case 25: both ends of the leaf's life are in it, a second beyond is not")
  func edges() throws {
    let (start, end) = (world.now - 60, world.now + 540)
    #expect(try world.code(world.leaf(), at: [start]) == nil)
    #expect(try world.code(world.leaf(), at: [end]) == nil)
    #expect(try world.code(world.leaf(), at: [start - 1]) == .notValidAtTime)
    #expect(try world.code(world.leaf(), at: [end + 1]) == .notValidAtTime)
    #expect(try world.code(world.leaf(), at: [start, end + 1]) == .notValidAtTime)
    #expect(try world.code(world.leaf(), at: [end + 1, start]) == .notValidAtTime)
    #expect(try world.code(world.leaf(), at: []) == .notValidAtTime)
  }

  @Test("the authority's own window holds too, its ends included")
  func authorityWindow() throws {
    for (start, end, code) in [
      (world.now, world.now, nil), (world.now + 1, nil, .notValidAtTime), (nil, world.now - 1, .notValidAtTime),
    ] as [(Int64?, Int64?, FulcioCode?)] {
      let window = TimeWindow(start: start.map { UnixTime(seconds: $0) }, end: end.map { UnixTime(seconds: $0) })
      #expect(try world.code(world.leaf(), authorities: [world.authority(window: window)]) == code)
    }
  }

  @Test("case 28: an intermediate or root that was not valid then spoils the chain")
  func expiredAuthority() throws {
    let now = world.now
    for (rootEnd, intermediateEnd) in [(now - 1, now + 9), (now + 9, now - 1)] {
      let root = VirtualAuthority("r", seed: "e", notBefore: now - 99, notAfter: rootEnd)
      let intermediate = VirtualAuthority("i", seed: "e", notBefore: now - 99, notAfter: intermediateEnd, under: root)
      var fulcio = world.world.fulcio
      fulcio.authorities = [intermediate, root]
      let leaf = fulcio.issue(world.world.leafRequest())
      #expect(try world.code(leaf, authorities: [world.authority(fulcio.authorities)]) == .notValidAtTime)
      #expect(try world.code(leaf, authorities: [world.authority(fulcio.authorities)], at: [now - 10]) == nil)
    }
  }

  @Test("authorities of one, two and three certificates")
  func lengths() throws {
    let now = world.now
    let root = VirtualAuthority("r", seed: "n", notBefore: now - 99, notAfter: now + 999)
    let middle = VirtualAuthority("m", seed: "n", notBefore: now - 99, notAfter: now + 999, under: root)
    let issuer = VirtualAuthority("i", seed: "n", notBefore: now - 99, notAfter: now + 999, under: middle)
    for authorities in [[root], [middle, root], [issuer, middle, root], [issuer, middle], [issuer]] {
      var fulcio = world.world.fulcio
      fulcio.authorities = authorities
      let leaf = fulcio.issue(world.world.leafRequest())
      #expect(try world.code(leaf, authorities: [world.authority(authorities)]) == nil, "\(authorities.count)")
    }
  }

  @Test("cases 37, 38 and 80: nobody whom we trust issued it")
  func noAuthority() throws {
    let other = VirtualSigstore(seed: "another world")
    #expect(try world.code(other.fulcio.issue(other.leafRequest())) == .noAuthority)
    #expect(try world.code(world.leaf(), authorities: []) == .noAuthority)
    // The same name, another key: chosen by signature, in both orders.
    let twin = try world.authority(other.fulcio.authorities)
    #expect(try world.code(world.leaf(), authorities: [twin]) == .noAuthority)
    #expect(try world.code(world.leaf(), authorities: [twin, world.authority()]) == nil)
    #expect(try world.code(world.leaf(), authorities: [world.authority(), twin]) == nil)
    let request = world.world.leafRequest()
    var own = CertificateTemplate(
      notBefore: request.notBefore, notAfter: request.notAfter, subjectPublicKeyInfo: request.key.subjectPublicKeyInfo)
    own.extensions = [.keyUsage([0]), .extendedKeyUsage([purpose]), .alternativeNames(request.names)]
    #expect(try world.code(own.signed(issuer: DERWriter.name(), key: request.key)) == .noAuthority)
    let forged = own.signed(issuer: world.world.fulcio.authorities[0].name, key: request.key)
    #expect(try world.code(forged) == .noAuthority)
  }

  @Test("cases 37 and 84: what a leaf must be")
  func profile() throws {
    #expect(try world.code(world.leaf { $0.isAuthority = true }) == .notLeaf)
    #expect(try world.code(world.leaf { $0.keyUsage = [0, 5] }) == .notLeaf)
    #expect(try world.code(world.leaf { $0.keyUsage = [1] }) == .keyUsage)
    #expect(try world.code(world.leaf { $0.purposes = nil }) == .ekuMissing)
    #expect(try world.code(world.leaf { $0.purposes = ["1.3.6.1.5.5.7.3.1"] }) == .ekuMissing)
    #expect(try world.code(world.leaf { $0.purposes = ["2.5.29.37.0"] }) == .ekuMissing)
    #expect(try world.code(world.leaf { $0.purposes = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.3"] }) == nil)
    let unknown = VirtualExtension("1.2.3.4.5", isCritical: true, [5, 0])
    #expect(try world.code(world.leaf { $0.extensions = [unknown] }) == .criticalExtension)
    let poison = VirtualExtension("1.3.6.1.4.1.11129.2.4.3", [5, 0])
    #expect(try world.code(world.leaf { $0.extensions = [poison] }) == .notLeaf)
  }

  @Test("case 37: chains in the bundle: no path leads through them, roots and garbage among them are refused")
  func bundleChain() throws {
    let now = world.now
    let root = VirtualAuthority("r", seed: "c", notBefore: now - 99, notAfter: now + 999, pathLength: 1)
    let known = VirtualAuthority("k", seed: "c", notBefore: now - 99, notAfter: now + 999, pathLength: 0, under: root)
    let extra = VirtualAuthority("x", seed: "c", notBefore: now - 99, notAfter: now + 999, under: known)
    let beside = VirtualAuthority("b", seed: "c", notBefore: now - 99, notAfter: now + 999, under: root)
    func leaf(_ authority: VirtualAuthority) -> [UInt8] {
      var fulcio = world.world.fulcio
      fulcio.authorities = [authority]
      return fulcio.issue(world.world.leafRequest())
    }
    let trusted = [try world.authority([known, root])]
    #expect(try world.code(leaf(extra), others: [extra.certificate], authorities: trusted) == .noAuthority)
    #expect(try world.code(leaf(beside), others: [beside.certificate], authorities: trusted) == .noAuthority)
    #expect(try world.code(leaf(known), others: [known.certificate], authorities: trusted) == nil)
    #expect(try world.code(leaf(beside), authorities: trusted) == .noAuthority)
    #expect(try world.code(leaf(known), others: [root.certificate], authorities: trusted) == .rootInBundle)
    #expect(try world.code(leaf(known), others: [[1, 2, 3]], authorities: trusted) == .certificateMalformed)
  }

  @Test("name constraints of a root hold although leaves are judged by their issuer")
  func nameConstraints() throws {
    let now = world.now
    // permittedSubtrees [0] { GeneralSubtree { base uniformResourceIdentifier [6] } }
    func authorities(_ domain: String) -> [VirtualAuthority] {
      let value = DERWriter.sequence(
        DERWriter.element(0xa0, DERWriter.sequence(DERWriter.element(0x86, Array(domain.utf8)))))
      let root = VirtualAuthority("r", seed: domain, notBefore: now - 99, notAfter: now + 999) {
        $0.extensions.append(VirtualExtension("2.5.29.30", isCritical: true, value))
      }
      return [VirtualAuthority("i", seed: domain, notBefore: now - 99, notAfter: now + 999, under: root), root]
    }
    for (domain, isAccepted) in [("github.com", true), ("example.org", false)] {
      var fulcio = world.world.fulcio
      fulcio.authorities = authorities(domain)
      let leaf = fulcio.issue(world.world.leafRequest())
      #expect(try (world.code(leaf, authorities: [world.authority(fulcio.authorities)]) == nil) == isAccepted)
    }
  }

  @Test("an authority that is none is refused when it is prepared")
  func preparation() {
    let now = world.now
    let root = VirtualAuthority("r", seed: "p", notBefore: now, notAfter: now + 9, pathLength: 0)
    let middle = VirtualAuthority("m", seed: "p", notBefore: now, notAfter: now + 9, under: root)
    let issuer = VirtualAuthority("i", seed: "p", notBefore: now, notAfter: now + 9, under: middle)
    let server = VirtualAuthority("s", seed: "p", notBefore: now, notAfter: now + 9, purposes: ["1.3.6.1.5.5.7.3.1"])
    let noCA = VirtualAuthority("n", seed: "p", notBefore: now, notAfter: now + 9) {
      $0.extensions[0] = .basicConstraints(isAuthority: false)
    }
    let noSign = VirtualAuthority("u", seed: "p", notBefore: now, notAfter: now + 9) {
      $0.extensions[1] = .keyUsage([0])
    }
    for chain in [[], [issuer, middle, root], [root, middle], [issuer, root], [server], [noCA], [noSign]]
      as [[VirtualAuthority]]
    {
      #expect(throws: CryptoFailure.self, "\(chain.count)") { _ = try world.authority(chain) }
    }
  }
}
