/* SPDX-License-Identifier: GPL-2.0 */
/* The C library needs the real one. */
#include_next <linux/limits.h>
#include <shim.h>
