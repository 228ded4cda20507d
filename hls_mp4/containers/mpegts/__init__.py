"""MPEG-2 transport streams (ISO/IEC 13818-1): packets, tables, PES headers, clocks; arrays in, arrays out."""
