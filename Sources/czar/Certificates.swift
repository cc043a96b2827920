/// Takes the place of mbedTLS's function in this program: libgit2's start parses all of the machine's certificates with it, which is six
/// times the rest of the start, and Czar opens no connection. `docs/decisions/2026-11-26-certificates.md`
///
/// Public, or a release build drops it: nothing in the program calls it.
///
/// Returns `MBEDTLS_ERR_X509_FILE_IO_ERROR`, which libgit2's start takes for "there are none".
@_cdecl("mbedtls_x509_crt_parse_file")
public func parseNoCertificates(_ chain: UnsafeMutableRawPointer?, _ path: UnsafePointer<CChar>?) -> CInt { -0x2900 }
