// Times one verification in process against the signatures that it cannot avoid, in alternating rounds of one run:
// machines are noisy, ratios are not.
//
//     VerifyBenchmark FOLDER IDENTITY ISSUER        FOLDER holds artifact.txt, bundle.json, trusted_root.json

import Foundation
import OpenSSLCrypto
import SigstoreBundle
import SigstoreTrust
import SigstoreVerify
import WireCoding

func stop(_ message: String) -> Never {
  FileHandle.standardError.write(Data("VerifyBenchmark: \(message)\n".utf8))
  exit(1)
}

func file(_ name: String) -> [UInt8] {
  let path = CommandLine.arguments[1] + "/" + name
  guard let data = FileManager.default.contents(atPath: path) else { stop("cannot read \(name)") }
  return Array(data)
}

/// A signature of the bundle, ready to be verified again.
struct Signature {
  let key: PublicKey
  let signature: [UInt8]
  let digest: WireCoding.Digest
  let scheme: SignatureScheme

  func verify() throws {
    guard try key.isValid(signature: signature, over: digest, scheme: scheme) else {
      stop("a signature of the floor is wrong")
    }
  }
}

/// Leaf by its authority. Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue BIT STRING }
func leafSignature(_ leaf: [UInt8], issuer: Certificate) throws -> Signature {
  let (body, signature) = try DER.sequence(leaf) { (fields) throws(CodingFailure) in
    let body = try fields.read(DERTag.sequence)
    _ = try fields.read(DERTag.sequence)
    return (Array(body.encoding), try fields.read(DERTag.bitString).bitStringOctets())
  }
  let scheme = issuer.publicKey.algorithm.defaultScheme
  guard let hash = scheme.hash else { stop("the authority's key has no hash") }
  return Signature(key: issuer.publicKey, signature: signature, digest: try digest(hash, of: body), scheme: scheme)
}

guard CommandLine.arguments.count == 4 else { stop("usage: VerifyBenchmark FOLDER IDENTITY ISSUER") }
let root = try TrustedRoot(parsing: file("trusted_root.json"))
let anchors = TrustAnchors(
  authorities: root.authorities, certificateLogs: root.certificateLogs, transparencyLogs: root.transparencyLogs,
  timestampAuthorities: root.timestampAuthorities)
let verifier = Verifier(anchors: anchors)
let bundleFile = file("bundle.json")
let bundle = try SigstoreBundle.Bundle(parsing: bundleFile)
let artifact = try digest(.sha256, of: file("artifact.txt"))
let digests = try ArtifactDigests([artifact])
let policy = VerificationPolicy(
  signer: .identity(
    SignerPolicy(identity: .exact(CommandLine.arguments[2]), issuer: .exact(CommandLine.arguments[3]))))
let now = UnixTime(seconds: Int64(Date().timeIntervalSince1970))
guard verifier.verify(bundle, artifact: digests, policy: policy, at: now).isVerified else {
  stop("the sample does not verify")
}

guard case .certificate(let leafBytes, _) = bundle.keyMaterial,
  let authority = root.authorities.first?.certificates.first
else { stop("the sample holds no certificate") }
let leaf = try Certificate(der: leafBytes)
let blob = Signature(
  key: leaf.publicKey, signature: bundle.content.signature, digest: artifact,
  scheme: leaf.publicKey.algorithm.defaultScheme)
// Leaf, SCT, promise, checkpoint, artifact. The logs' keys are P-256 as the leaf's, so its signature stands for theirs.
let floor = [try leafSignature(leafBytes, issuer: authority), blob, blob, blob, blob]

func time(_ rounds: Int, _ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  for _ in 0..<rounds { try body() }
  let elapsed = ContinuousClock.now - start
  return (Double(elapsed.components.seconds) * 1e6 + Double(elapsed.components.attoseconds) / 1e12) / Double(rounds)
}

var floors: [Double] = []
var verifications: [Double] = []
var whole: [Double] = []
for _ in 0..<60 {
  floors.append(try time(10) { for signature in floor { try signature.verify() } })
  verifications.append(
    time(10) {
      guard verifier.verify(bundle, artifact: digests, policy: policy, at: now).isVerified else { stop("refused") }
    })
  whole.append(
    try time(10) {
      let bundle = try SigstoreBundle.Bundle(parsing: bundleFile)
      guard verifier.verify(bundle, artifact: digests, policy: policy, at: now).isVerified else { stop("refused") }
    })
}
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
let (base, verify, all) = (median(floors), median(verifications), median(whole))
print(
  "signature floor (1 \(authority.publicKey.algorithm.name), 4 \(leaf.publicKey.algorithm.name))  \(text(base, 0)) us")
print("verification in process, bundle parsed    \(text(verify, 0)) us   \(text(verify / base, 2)) x floor")
print("verification in process, from the file    \(text(all, 0)) us   \(text(all / base, 2)) x floor")
