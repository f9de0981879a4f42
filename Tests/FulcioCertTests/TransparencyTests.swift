import FulcioCert
import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Signed certificate timestamps")
struct TransparencyTests {
  private let world = ChainWorld()

  private func log(
    _ virtual: VirtualCTLog? = nil, window: TimeWindow = TimeWindow(start: nil, end: nil), operator: String? = nil
  ) throws -> CertificateLog {
    let virtual = virtual ?? world.world.fulcio.log
    return CertificateLog(
      name: "ct", logID: virtual.logID, key: try PublicKey(subjectPublicKeyInfo: virtual.key.subjectPublicKeyInfo),
      validFor: window, operator: `operator`)
  }

  private func code(_ leaf: [UInt8], logs: [CertificateLog]? = nil, minimum: Int = 1) throws -> FulcioCode? {
    let chain = try verifyChain(
      leaf: decodeLeaf(leaf), others: [], authorities: [world.authority()], validAt: [UnixTime(seconds: world.now)])
    let logs = try logs ?? [log()]
    do throws(FulcioFailure) {
      _ = try verifySCTs(of: chain, logs: logs, minimum: minimum)
      return nil
    } catch { return error.code }
  }

  @Test("case 39: what is accepted, extensions and an RSA log among it")
  func accepted() throws {
    #expect(try code(world.leaf()) == nil)
    #expect(try code(world.leaf { $0.sct.extensions = [0, 0, 5, 0, 0, 0, 0, 1] }) == nil)
    #expect(try code(world.leaf { $0.sct.count = 3 }) == nil)
    let rsa = VirtualCTLog(.rsa2048, seed: "rsa")
    var fulcio = world.world.fulcio
    fulcio.log = rsa
    #expect(try code(fulcio.issue(world.world.leafRequest()), logs: [log(rsa)]) == nil)
  }

  @Test("case 39: none, none of a known log, a wrong key, a wrong issuer, bytes left over")
  func refused() throws {
    #expect(try code(world.leaf { $0.sct.count = 0 }) == .sctMissing)
    #expect(try code(world.leaf { $0.sct.signingKey = VirtualKey(.p256, seed: "x") }) == .sctUntrusted)
    #expect(try code(world.leaf { $0.sct.issuerKeyHash = [UInt8](repeating: 1, count: 32) }) == .sctUntrusted)
    #expect(try code(world.leaf { $0.sct.leftover = [0] }) == .sctMalformed)
    #expect(try code(world.leaf { $0.sct.leftover = [0, 1, 0] }) == .sctMalformed)
    #expect(try code(world.leaf(), logs: []) == .sctUntrusted)
    #expect(try code(world.leaf(), logs: [log(VirtualCTLog(seed: "other"))]) == .sctUntrusted)
  }

  @Test("a certificate changed after the log saw it is refused")
  func changed() throws {
    // The claims stand in the precertificate: take the SCT of one leaf into another.
    let first = try decodeLeaf(world.leaf()).structure.extension("1.3.6.1.4.1.11129.2.4.2")
    let value = try #require(first?.value)
    let other = world.leaf {
      $0.sct.count = 0
      $0.claims[5] = "another/repository"
      $0.extensions = [VirtualExtension("1.3.6.1.4.1.11129.2.4.2", value)]
    }
    #expect(try code(other) == .sctUntrusted)
  }

  @Test("case 39: outside of the log key's window; its last moment is in it")
  func window() throws {
    let time = UnixTime(milliseconds: world.world.leafRequest().sct.milliseconds)
    let before = UnixTime(milliseconds: world.world.leafRequest().sct.milliseconds - 1)
    #expect(try code(world.leaf(), logs: [log(window: TimeWindow(start: time, end: time))]) == nil)
    #expect(try code(world.leaf(), logs: [log(window: TimeWindow(start: nil, end: before))]) == .sctKeyNotValid)
    let two = [try log(window: TimeWindow(start: nil, end: before)), try log()]
    #expect(try code(world.leaf(), logs: two) == nil)
  }

  @Test("case 22: distinct logs count, not copies")
  func threshold() throws {
    #expect(try code(world.leaf { $0.sct.count = 2 }, minimum: 2) == .sctTooFew)
  }
}
