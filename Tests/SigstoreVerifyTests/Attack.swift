import SigstoreVerify
import Testing
import VirtualSigstore

/// A way to spoil good material, with the answer that is due. `accepted` stands for what must not be refused.
struct Attack: Sendable, CustomTestStringConvertible {
  let name: String
  let code: String
  /// Where it must be stopped; nil for what is accepted.
  let step: Step?
  private let make: @Sendable (inout World) throws -> JSONDraft

  init(_ name: String, _ step: Step, _ code: String, _ make: @escaping @Sendable (inout World) throws -> JSONDraft) {
    self.name = name
    self.step = step
    self.code = code
    self.make = make
  }

  init(accepted name: String, _ make: @escaping @Sendable (inout World) throws -> JSONDraft) {
    self.name = name
    step = nil
    code = Answer.accepted
    self.make = make
  }

  var testDescription: String { "\(name) -> \(code)" }

  /// Makes the material in a fresh world, and expects exactly this code at exactly this step.
  func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
    var world = World()
    let draft = try make(&world)
    let answer = try world.judge(draft)
    answer.expect(code, at: step, name, sourceLocation: sourceLocation)
  }
}

extension Answer {
  /// Expects this code at this step, a trace that ends with it, and nothing further from an earlier step.
  func expect(
    _ code: String, at step: Step?, _ name: String = "", sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(self.code == code, "\(name): \(self)", sourceLocation: sourceLocation)
    #expect(self.step == step, "\(name): \(self)", sourceLocation: sourceLocation)
    #expect((verdict?.isVerified ?? false) == (code == Self.accepted), sourceLocation: sourceLocation)
    guard let verdict, let step else { return }
    let last = verdict.trace.last
    #expect(last?.result == .failed && last?.step == step, sourceLocation: sourceLocation)
    #expect(last?.facts.first?.value.rendered == code, sourceLocation: sourceLocation)
    #expect(verdict.trace.dropLast().allSatisfy { $0.result != .failed }, sourceLocation: sourceLocation)
    let order = Step.allCases
    #expect(
      verdict.furtherFailures.allSatisfy { failure in
        guard let first = order.firstIndex(of: step), let later = order.firstIndex(of: failure.step) else {
          return false
        }
        return later > first
      }, "\(name): \(further)", sourceLocation: sourceLocation)
  }
}

extension World {
  /// Puts any body into the log and gives `material` that entry: promise, proof and checkpoint are genuine, whatever the body says.
  mutating func log(_ body: [UInt8], for material: SignedMaterial) -> SignedMaterial {
    let index = sigstore.rekor.append(body)
    var material = material
    material.body = body
    material.shardIndex = index
    material.globalIndex = index + sigstore.rekor.earlierEntries
    material.integratedTime = sigstore.now
    return certify(material)
  }

  /// Promise, proof and checkpoint anew, over what `material` says and the log's tree as it stands.
  func certify(_ material: SignedMaterial, by log: VirtualRekor? = nil) -> SignedMaterial {
    let log = log ?? sigstore.rekor
    var material = material
    material.promise = log.promise(
      body: material.body, integratedTime: material.integratedTime, globalIndex: material.globalIndex)
    material.treeSize = UInt64(log.leaves.count)
    material.rootHash = log.root()
    material.hashes = log.path(material.shardIndex)
    material.checkpoint = log.checkpoint()
    return material
  }
}

extension SignedMaterial {
  /// The other's log entry beside this signature.
  func carryingEntry(of other: SignedMaterial) -> SignedMaterial {
    var material = self
    material.logID = other.logID
    material.globalIndex = other.globalIndex
    material.integratedTime = other.integratedTime
    material.promise = other.promise
    material.shardIndex = other.shardIndex
    material.treeSize = other.treeSize
    material.rootHash = other.rootHash
    material.hashes = other.hashes
    material.checkpoint = other.checkpoint
    material.body = other.body
    return material
  }

  var bodyText: String { String(decoding: body, as: UTF8.self) }
}

/// Bit 0 of the last byte turned.
func flipped(_ bytes: [UInt8]) -> [UInt8] {
  var bytes = bytes
  bytes[bytes.count - 1] ^= 1
  return bytes
}
