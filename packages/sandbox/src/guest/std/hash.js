// hash, in Rhai crypto: SHA-2 (FIPS 180-4), HMAC (RFC 2104), and a compare whose time does not tell where two texts differ.
(function (rt) {
  "use strict";
  // Constants are the first bits of the fractions of roots of primes; the first 32 of the 64 are those of SHA-256.
  const primes = [];
  for (let n = 2; primes.length < 80; n++) {
    let isPrime = true;
    for (let i = 0; i < primes.length && primes[i] * primes[i] <= n; i++)
      if (n % primes[i] === 0) {
        isPrime = false;
        break;
      }
    if (isPrime) primes.push(n);
  }
  /** 64 bits of the fraction of the root: Newton's method from above, in integers. */
  const fraction = (prime, degree) => {
    const wanted = BigInt(prime) << (64n * degree);
    let root = 1n << 70n;
    for (;;) {
      const next = ((degree - 1n) * root + wanted / root ** (degree - 1n)) / degree;
      if (next >= root) return root & 0xffffffffffffffffn;
      root = next;
    }
  };
  const high = (bits) => Number(bits >> 32n) | 0,
    low = (bits) => Number(bits & 0xffffffffn) | 0;
  const KH = new Int32Array(80),
    KL = new Int32Array(80),
    IH = new Int32Array(8),
    IL = new Int32Array(8);
  for (let i = 0; i < 80; i++) {
    const bits = fraction(primes[i], 3n);
    KH[i] = high(bits);
    KL[i] = low(bits);
  }
  for (let i = 0; i < 8; i++) {
    const bits = fraction(primes[i], 2n);
    IH[i] = high(bits);
    IL[i] = low(bits);
  }

  /** The message with its padding behind, of whole blocks. */
  const pad = (parts, block) => {
    let length = 0;
    for (let i = 0; i < parts.length; i++) length += parts[i].length;
    const room = block === 64 ? 9 : 17,
      padded = new Uint8Array(Math.ceil((length + room) / block) * block);
    for (let i = 0, at = 0; i < parts.length; i++) {
      padded.set(parts[i], at);
      at += parts[i].length;
    }
    padded[length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(length / 0x20000000));
    view.setUint32(padded.length - 4, length << 3);
    return view;
  };

  const W = new Int32Array(80),
    WL = new Int32Array(80);
  const sha256 = (parts) => {
    const view = pad(parts, 64),
      length = view.byteLength;
    let a0 = IH[0],
      b0 = IH[1],
      c0 = IH[2],
      d0 = IH[3],
      e0 = IH[4],
      f0 = IH[5],
      g0 = IH[6],
      h0 = IH[7];
    for (let at = 0; at < length; at += 64) {
      for (let i = 0; i < 16; i++) W[i] = view.getInt32(at + 4 * i);
      for (let i = 16; i < 64; i++) {
        const x = W[i - 15],
          y = W[i - 2];
        W[i] =
          (W[i - 16] +
            (((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)) +
            W[i - 7] +
            (((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10))) |
          0;
      }
      let a = a0,
        b = b0,
        c = c0,
        d = d0,
        e = e0,
        f = f0,
        g = g0,
        h = h0;
      for (let i = 0; i < 64; i++) {
        const t =
          (h +
            (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) +
            ((e & f) ^ (~e & g)) +
            KH[i] +
            W[i]) |
          0;
        const u =
          ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) +
            ((a & b) ^ (a & c) ^ (b & c))) |
          0;
        h = g;
        g = f;
        f = e;
        e = (d + t) | 0;
        d = c;
        c = b;
        b = a;
        a = (t + u) | 0;
      }
      a0 = (a0 + a) | 0;
      b0 = (b0 + b) | 0;
      c0 = (c0 + c) | 0;
      d0 = (d0 + d) | 0;
      e0 = (e0 + e) | 0;
      f0 = (f0 + f) | 0;
      g0 = (g0 + g) | 0;
      h0 = (h0 + h) | 0;
    }
    return bytesOf([a0, b0, c0, d0, e0, f0, g0, h0]);
  };

  // SHA-512 in halves of 32 bits: `al` is the low half of `a`. A low sum is kept as a float below 2^53 for its carry.
  const sha512 = (parts) => {
    const view = pad(parts, 128),
      length = view.byteLength;
    const H = IH.slice(),
      L = IL.slice();
    for (let at = 0; at < length; at += 128) {
      for (let i = 0; i < 16; i++) {
        W[i] = view.getInt32(at + 8 * i);
        WL[i] = view.getInt32(at + 8 * i + 4);
      }
      for (let i = 16; i < 80; i++) {
        const xh = W[i - 15],
          xl = WL[i - 15],
          yh = W[i - 2],
          yl = WL[i - 2];
        const sh = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7),
          sl = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25));
        const th = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6),
          tl = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26));
        const sum = (WL[i - 16] >>> 0) + (sl >>> 0) + (WL[i - 7] >>> 0) + (tl >>> 0);
        WL[i] = sum | 0;
        W[i] = (W[i - 16] + sh + W[i - 7] + th + ((sum / 0x100000000) | 0)) | 0;
      }
      let ah = H[0],
        al = L[0],
        bh = H[1],
        bl = L[1],
        ch = H[2],
        cl = L[2],
        dh = H[3],
        dl = L[3],
        eh = H[4],
        el = L[4],
        fh = H[5],
        fl = L[5],
        gh = H[6],
        gl = L[6],
        hh = H[7],
        hl = L[7];
      for (let i = 0; i < 80; i++) {
        const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23)),
          s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
        const t = (hl >>> 0) + (s1l >>> 0) + (((el & fl) ^ (~el & gl)) >>> 0) + (KL[i] >>> 0) + (WL[i] >>> 0),
          tl = t | 0;
        const th = (hh + s1h + ((eh & fh) ^ (~eh & gh)) + KH[i] + W[i] + ((t / 0x100000000) | 0)) | 0;
        const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25)),
          s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
        const u = (s0l >>> 0) + (((al & bl) ^ (al & cl) ^ (bl & cl)) >>> 0),
          ul = u | 0,
          uh = (s0h + ((ah & bh) ^ (ah & ch) ^ (bh & ch)) + ((u / 0x100000000) | 0)) | 0;
        hh = gh;
        hl = gl;
        gh = fh;
        gl = fl;
        fh = eh;
        fl = el;
        const ne = (dl >>> 0) + (tl >>> 0);
        el = ne | 0;
        eh = (dh + th + ((ne / 0x100000000) | 0)) | 0;
        dh = ch;
        dl = cl;
        ch = bh;
        cl = bl;
        bh = ah;
        bl = al;
        const na = (tl >>> 0) + (ul >>> 0);
        al = na | 0;
        ah = (th + uh + ((na / 0x100000000) | 0)) | 0;
      }
      add(H, L, 0, ah, al);
      add(H, L, 1, bh, bl);
      add(H, L, 2, ch, cl);
      add(H, L, 3, dh, dl);
      add(H, L, 4, eh, el);
      add(H, L, 5, fh, fl);
      add(H, L, 6, gh, gl);
      add(H, L, 7, hh, hl);
    }
    const words = [];
    for (let i = 0; i < 8; i++) words.push(H[i], L[i]);
    return bytesOf(words);
  };
  const add = (H, L, i, high, low) => {
    const sum = (L[i] >>> 0) + (low >>> 0);
    L[i] = sum | 0;
    H[i] = (H[i] + high + ((sum / 0x100000000) | 0)) | 0;
  };
  const bytesOf = (words) => {
    const bytes = new Uint8Array(words.length * 4),
      view = new DataView(bytes.buffer);
    for (let i = 0; i < words.length; i++) view.setInt32(4 * i, words[i]);
    return bytes;
  };

  const hmac = (digest, block, key, data) => {
    const short = key.length > block ? digest([key]) : key,
      inner = new Uint8Array(block).fill(0x36),
      outer = new Uint8Array(block).fill(0x5c);
    for (let i = 0; i < short.length; i++) {
      inner[i] ^= short[i];
      outer[i] ^= short[i];
    }
    return digest([outer, digest([inner, data])]);
  };
  const equal = (a, b) => {
    // As long as the first one takes, whatever the second one is.
    let difference = a.length ^ b.length;
    for (let i = 0; i < a.length; i++) difference |= a[i] ^ (i < b.length ? b[i] : 0);
    return difference === 0;
  };

  const $crypto = {
    __proto__: null,
    sha256: (data) => sha256([data]).toHex(),
    sha512: (data) => sha512([data]).toHex(),
    hmac_sha256: (key, data) => hmac(sha256, 64, key, data).toHex(),
    hmac_sha512: (key, data) => hmac(sha512, 128, key, data).toHex(),
    equal,
  };
  return { __proto__: null, hash: rt.get("$bind")("crypto", $crypto), $crypto };
});
