sed 's/a/X/' words.txt

sed 's/a/X/g' words.txt

sed 's/a/X/2' words.txt

sed 's/A/X/gi' words.txt

sed -n 2p words.txt

sed -n '2,4p' words.txt

sed -n '$p' words.txt

sed 2d words.txt

sed '2,3d' words.txt

sed '/an/d' words.txt

sed '/an/!d' words.txt

sed -n '/b/,/d/p' words.txt

sed '1i first' words.txt

sed '1i\first' words.txt

sed '$a last' words.txt

sed '2a\
two lines\
more' words.txt

sed '2c changed' words.txt

sed '/apple/i before' words.txt

sed 's/\(.\)\(.\)/\2\1/' words.txt

sed -E 's/(.)(.)/\2\1/' words.txt

sed -r 's/[aeiou]+/-/g' words.txt

sed 's/.*/"&"/' words.txt

sed 's|/|_|g' <<< a/b/c

sed -e 's/a/1/' -e 's/b/2/' words.txt

sed 's/a/1/;s/b/2/' words.txt

sed -i 's/a/X/g' words.txt; cat words.txt

sed -i.bak 's/a/X/' words.txt; ls words*; cat words.txt.bak | head -1

sed = words.txt | head -4

sed -n '/a/=' words.txt

sed 'y/abc/xyz/' words.txt

sed '1~2d' words.txt

sed '0~2d' words.txt

sed -n '2{p;q}' words.txt

sed 2q words.txt

sed '/^$/d' gaps.txt

sed 's/^[ \t]*//' spaces.txt

sed 's/[[:space:]]*$//' spaces.txt

sed ':a;N;$!ba;s/\n/,/g' words.txt

sed 'N;s/\n/ /' words.txt

sed '$!N;P;D' words.txt

sed G words.txt | head -4

sed -n 'H;${x;s/\n/+/g;p}' numbers.txt

sed '1!G;h;$!d' words.txt

sed 's/\bcat\b/dog/' <<< 'cat cats'

sed 's/a/\n/' <<< bab

sed 's/x/\t/' <<< axb

sed 's/\./,/g' <<< 1.2.3

sed 's/a\+/X/g' <<< caaat

sed 's/\(foo\|bar\)/X/g' <<< 'foo bar baz'

sed -E 's/(foo|bar)/[\1]/g' <<< 'foo bar baz'

sed 's/.*/\U&/' words.txt

sed -E 's/\b(.)/\u\1/g' <<< 'hello big world'

sed 's/.*/\L&/' <<< HELLO

sed -n 's/an/AN/p' words.txt

sed 's/a/b/w out.txt' words.txt > /dev/null; cat out.txt

sed '/start/,/end/{s/x/y/}' <<< $'x\nstart\nx\nend\nx'

sed '/start/,+1d' <<< $'a\nstart\nb\nc'

sed -n '$=' words.txt

sed --expression='s/a/b/' words.txt | head -1

sed 's/a/b/' words.txt numbers.txt | head -7

sed -s -n '1p' words.txt numbers.txt

sed '5,$d' words.txt

sed '/a/s//Z/g' words.txt

sed "s/a/$HOME_NOT_SET-/" <<< cat

sed 's/\//-/g' <<< a/b

sed 's#a#b#' <<< cat

sed -n '/ERROR/{s/.*msg=//;p}' log.txt

sed -n 'l' tabs.txt | head -2

sed 'r numbers.txt' <<< only

sed '/banana/r numbers.txt' words.txt

sed 't end; s/a/b/; :end' words.txt | head -2

sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<< 1234567

sed 's/[^,]*,//2' people.csv

sed '/^#/d; /^$/d' config.ini

sed -n '/\[b\]/,/\[/p' config.ini

sed -z 's/\n/;/g' words.txt

sed -f script.sed words.txt

printf 's/a/b/\n2d\n' > s.sed; sed -f s.sed words.txt

sed -E 's/([a-z]+)@([a-z]+)/\2 at \1/' <<< 'me@home'

sed 's/a/b/I' <<< CAT

sed '1,/banana/d' words.txt

sed '0,/a/s//X/' words.txt

sed 2!d words.txt

sed -n '1!p' words.txt

sed 's/$/\r/' words.txt | od -An -c | head -1

sed 'a\  indented' <<< x

sed q5 words.txt; echo $?

sed -u 1q words.txt

sed '/x/{' words.txt 2> /dev/null; echo $?

sed 's/[]]/X/' <<< 'a]b'

sed 's/[/]/X/' <<< 'a/b'

sed 's/a*/x/g' <<< baac
