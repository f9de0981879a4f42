import FulcioCert
import OpenSSLCrypto
import Testing
import VirtualSigstore
import WireCoding

@Suite("Names and claims")
struct NameTests {
  private let world = ChainWorld()

  private func nameCode(_ names: [AlternativeName], isCritical: Bool = true) throws -> FulcioCode? {
    let leaf = try decodeLeaf(
      world.leaf {
        $0.names = names
        $0.namesAreCritical = isCritical
      })
    do throws(FulcioFailure) {
      _ = try SubjectName(claimedBy: leaf)
      return nil
    } catch { return error.code }
  }

  @Test("the three kinds of name that Sigstore uses")
  func kinds() throws {
    for (name, kind, text) in [
      (.uri("https://a/b"), .uri, "https://a/b"), (.email("a@b.c"), .email, "a@b.c"),
      (.other(type: "1.3.6.1.4.1.57264.1.7", text: "jürgen!b"), .userName, "jürgen!b"),
    ] as [(AlternativeName, SubjectName.Kind, String)] {
      let subject = try SubjectName(claimedBy: decodeLeaf(world.leaf { $0.names = [name] }))
      #expect(subject.kind == kind)
      #expect(subject.text == text)
    }
  }

  @Test("cases 31 and 34: several names, none, other kinds, bad characters, not critical")
  func refused() throws {
    #expect(try nameCode([]) == .identityMissing)
    #expect(try nameCode([.uri("")]) == .identityMissing)
    #expect(try nameCode([.uri("a"), .uri("b")]) == .identitySeveralNames)
    #expect(try nameCode([.uri("a"), .dns("b")]) == .identitySeveralNames)
    #expect(try nameCode([.dns("github.com")]) == .identityWrongType)
    #expect(try nameCode([.other(type: "1.2.3", text: "a")]) == .identityWrongType)
    #expect(try nameCode([.uri("a\nVerified OK")]) == .identityBadCharacter)
    #expect(try nameCode([.uri("a\u{0}b")]) == .identityBadCharacter)
    #expect(try nameCode([.uri("githüb.com")]) == .identityBadCharacter)
    #expect(try nameCode([.other(type: "1.3.6.1.4.1.57264.1.7", text: "a\u{202e}b")]) == .identityBadCharacter)
    #expect(try nameCode([.other(type: "1.3.6.1.4.1.57264.1.7", text: "a\u{2800}b")]) == .identityBadCharacter)
    // libcrypto cannot read it either.
    #expect(throws: FulcioFailure.self) { _ = try decodeLeaf(world.leaf { $0.names = [.raw([0x86, 0x05, 0x61])] }) }
    #expect(try nameCode([.uri("a")], isCritical: false) == .identityNotCritical)
  }

  private func issuerCode(_ claims: [Int: String], _ extensions: [VirtualExtension] = []) throws -> FulcioCode? {
    let leaf = try decodeLeaf(
      world.leaf {
        $0.claims = claims
        $0.extensions = extensions
      })
    do throws(FulcioFailure) {
      _ = try FulcioClaims(claimedBy: leaf).issuer()
      return nil
    } catch { return error.code }
  }

  @Test("case 32: the issuer in the old extension, the new one, or both alike; different ones are refused")
  func issuers() throws {
    #expect(try issuerCode([1: "https://i"]) == nil)
    #expect(try issuerCode([8: "https://i"]) == nil)
    #expect(try issuerCode([1: "https://i", 8: "https://i"]) == nil)
    #expect(try issuerCode([1: "https://i", 8: "https://j"]) == .issuerConflict)
    #expect(try issuerCode([:]) == .issuerMissing)
    #expect(try issuerCode([8: ""]) == .issuerMissing)
    #expect(try issuerCode([1: "https://i\u{7}"]) == .identityBadCharacter)
  }

  @Test(
    "case 36: extension values in another form than the number asks for",
    arguments: [
      Array("https://raw".utf8), [0x16, 0x01, 0x61], [0x0c, 0x05, 0x61], [0x0c, 0x01, 0x61, 0x00], [0x0c, 0x01, 0xff],
      [],
    ] as [[UInt8]])
  func malformed(value: [UInt8]) throws {
    #expect(try issuerCode([1: "https://i"], [VirtualExtension("1.3.6.1.4.1.57264.1.8", value)]) == .extensionMalformed)
  }

  @Test("case 36: an extension twice is no certificate")
  func twice() {
    let leaf = world.leaf { $0.extensions = [.fulcio(8, "https://other")] }
    let failure = #expect(throws: FulcioFailure.self) { _ = try decodeLeaf(leaf) }
    #expect(failure?.code == .certificateMalformed)
  }

  @Test("claims are read by number, bare text and DER text alike; unknown numbers are left alone")
  func claims() throws {
    let leaf = try decodeLeaf(world.leaf { $0.extensions = [.fulcio(99, "x")] })
    let claims = try FulcioClaims(claimedBy: leaf)
    #expect(claims[.gitHubWorkflowRepository] == "example/plugin")
    #expect(claims[.sourceRepositoryURI] == "https://github.com/example/plugin")
    #expect(claims[.deploymentEnvironment] == nil)
    #expect(claims.values.count == 12)
  }
}
