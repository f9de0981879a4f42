import COpenSSL

/// ECDSA by its textbook definition (FIPS 186-4, 6.4), with a nonce that depends on key and digest alone.
///
/// libcrypto 3.0 offers no deterministic nonces through EVP; for keys that everybody may know, this is good enough.
final class Curve {
  let identifier: String
  private let group: OpaquePointer
  private let order: OpaquePointer
  private let width: Int
  private let context: OpaquePointer

  init(_ kind: VirtualKey.Kind) {
    let (name, identifier, width): (Int32, String, Int) =
      switch kind {
      case .p384: (NID_secp384r1, "1.3.132.0.34", 48)
      case .p521: (NID_secp521r1, "1.3.132.0.35", 66)
      default: (NID_X9_62_prime256v1, "1.2.840.10045.3.1.7", 32)
      }
    guard let group = EC_GROUP_new_by_curve_name(name), let order = EC_GROUP_get0_order(group),
      let context = BN_CTX_new()
    else { preconditionFailure("libcrypto has no curve \(identifier)") }
    self.identifier = identifier
    self.group = group
    self.order = order
    self.width = width
    self.context = context
  }

  deinit {
    EC_GROUP_free(group)
    BN_CTX_free(context)
  }

  private func number(_ bytes: [UInt8]) -> OpaquePointer {
    guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { preconditionFailure("out of memory") }
    return number
  }

  private func bytes(_ number: OpaquePointer) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: width)
    precondition(BN_bn2binpad(number, &bytes, Int32(width)) == Int32(width))
    return bytes
  }

  /// A number in 1..<order, from any bytes.
  func scalar(from seed: [UInt8]) -> [UInt8] {
    let wide = HashName.sha512(seed + [1]) + HashName.sha512(seed + [2])
    let value = number(wide)
    defer { BN_free(value) }
    precondition(BN_nnmod(value, value, order, context) == 1 && BN_is_zero(value) == 0)
    return bytes(value)
  }

  /// Uncompressed.
  func publicPoint(_ scalar: [UInt8]) -> [UInt8] {
    let (value, point) = (number(scalar), EC_POINT_new(group))
    defer {
      BN_free(value)
      EC_POINT_free(point)
    }
    precondition(EC_POINT_mul(group, point, value, nil, nil, context) == 1)
    var encoded = [UInt8](repeating: 0, count: 1 + 2 * width)
    let length = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &encoded, encoded.count, context)
    precondition(length == encoded.count)
    return encoded
  }

  /// DER `SEQUENCE { r, s }`.
  func sign(_ digest: [UInt8], with scalar: [UInt8]) -> [UInt8] {
    let nonce = number(self.scalar(from: scalar + digest))
    let (key, message) = (number(scalar), number(Array(digest.prefix(width))))
    let (point, x, s) = (EC_POINT_new(group), number([0]), number([0]))
    defer {
      for value in [nonce, key, message, x, s] { BN_free(value) }
      EC_POINT_free(point)
    }
    precondition(EC_POINT_mul(group, point, nonce, nil, nil, context) == 1)
    precondition(EC_POINT_get_affine_coordinates(group, point, x, nil, context) == 1)
    precondition(BN_nnmod(x, x, order, context) == 1)
    precondition(BN_mod_mul(s, x, key, order, context) == 1)
    precondition(BN_mod_add(s, s, message, order, context) == 1)
    precondition(BN_mod_inverse(nonce, nonce, order, context) != nil)
    precondition(BN_mod_mul(s, s, nonce, order, context) == 1)
    return DERWriter.sequence(DERWriter.integer(bytes(x)), DERWriter.integer(bytes(s)))
  }
}
